"""What all tests share: hypothesis without time limits, for these machines are shared and slow ones are no fault."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("drumassist", deadline=None)
settings.load_profile("drumassist")
