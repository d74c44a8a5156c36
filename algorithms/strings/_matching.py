"""What the string matchers share: samples and the independent check."""

FAMILIES = {
    "training": ("random", "binary", "planted", "periodic", "unary"),
    "held_out": ("fibonacci", "near_miss"),
}


def sample(rng, n, family):
    """A text of n characters and a pattern, in most cases shorter; now and then the empty pattern."""
    size = {"random": 4, "planted": 3, "unary": 1}.get(family, 2)
    m = int(rng.integers(0, n + 2)) if rng.random() < 0.3 else int(rng.integers(1, max(1, n // 3), endpoint=True))
    text = rng.integers(size, size=n).tolist()
    pattern = rng.integers(size, size=m).tolist()
    if family == "periodic":
        period = rng.integers(size, size=int(rng.integers(1, 4))).tolist()
        text, pattern = (period * n)[:n], (period * (m + 1))[:m]
    elif family == "fibonacci":
        a, b = [0], [0, 1]
        while len(b) < n:
            a, b = b, b + a
        text = b[:n]
    if m <= n and family in ("planted", "fibonacci", "near_miss"):
        at = int(rng.integers(0, n - m + 1))
        pattern = text[at : at + m]
    if m and (family == "near_miss" or rng.random() < 0.3):  # mostly found nowhere, or only later
        pattern = [*pattern[:-1], 1 - pattern[-1] if size == 2 else int(rng.integers(4))]
    letters = lambda codes: "".join("abcd"[c] for c in codes)
    return letters(text), {"pattern": letters(pattern)}


def check(outputs, text, pattern):
    """Against Python's own search."""
    index = text.find(pattern)
    return {"index": [outputs["index"] == (index if index >= 0 else None)]}
