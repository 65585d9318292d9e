"""The workshop in which the kits of kits/ are made, from formulas and from recordings in the public domain, and the
map of styles, from patterns/.

It must never be needed to play: they ship as they came out of here (`make kits`, `make map`), and this stays in the
checkout.
"""
