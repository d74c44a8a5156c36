"""Algorithms that are written and checked, and wait for the next training of the suite: then each goes to its chapter.

Until then they are known by their files, as anybody's are:
`algorithms.register("algorithms/candidates/CHAPTER/NAME.py")`.
"""
