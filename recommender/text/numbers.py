"""Numbers as people read them."""


def share(similarity: float) -> str:
    """Return a similarity in percent, never rounded up to certainty.

    >>> share(0.99996), share(0.9971), share(0.5)
    ('99.99 %', '99.71 %', '50.00 %')
    """
    return f"{int(similarity * 10_000 + 1e-6) / 100:.2f} %"
