"""Algorithms chained: the answer of one is the input of the next."""
