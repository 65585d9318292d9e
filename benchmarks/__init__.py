"""Measures the box, beside others where there are others; run by `make bench`. It is no part of the tests."""
