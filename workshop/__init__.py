"""The workshop in which the kits of kits/ are made, from formulas and from recordings in the public domain.

It must never be needed to play: the kits ship as they came out of here (`make kits`), and this stays in the checkout.
"""
