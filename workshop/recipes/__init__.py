"""The recipes: a module a kit, and KITS, all of them in the order in which they are told of.

They must never depend on each other's kits; what two kits share is a sound's own function.
"""

from __future__ import annotations

from workshop.recipes import acoustic, analog, beeps, click, hand

KITS = {plan.slug: plan for plan in (click.KIT, beeps.KIT, acoustic.KIT, analog.KIT, hand.KIT)}
