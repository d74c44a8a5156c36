"""Samples for programs on two sequences."""

FAMILIES = {
    "training": ("few_letters", "two_letters", "repeated", "copy", "shifted"),
    "held_out": ("alphabet", "apart"),
}
LETTERS = {"few_letters": "ABCD", "two_letters": "AB", "repeated": "A", "copy": "ABC", "shifted": "AB", "apart": "AB"}


def sample(rng, n, family):
    """A pair of strings of about n letters in all; now and then one of them is empty."""
    n += min(n // 3, 4)  # among very short strings some ways to differ are rare
    m = int(rng.integers(n + 1)) if rng.random() < 0.3 else n // 2
    letters = LETTERS.get(family, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    draw = lambda letters, k: "".join(rng.choice(list(letters), size=k))
    x, y = draw(letters, n - m), draw("CD" if family == "apart" else letters, m)
    if family == "copy":  # the second is the first, with some letters changed
        y = "".join(c if rng.random() < 0.8 else d for c, d in zip(x, draw(letters, len(x))))
    elif family == "shifted":  # both repeat the same few letters, from different places on, with some changed
        period = draw(letters, int(rng.integers(2, 4)))
        start = int(rng.integers(1, 4))
        x, y = ((period * n)[s : s + k] for s, k in ((0, n - m), (start, m)))
        y = "".join(c if rng.random() < 0.9 else d for c, d in zip(y, draw(letters, m)))
        x, y = (x, y) if rng.random() < 0.5 else (y, x)
    return (x, y), {}
