"""How many examples the fuzz tests draw."""

from hypothesis import settings

FUZZ = settings(max_examples=200)
MORE = settings(FUZZ, max_examples=600)
