"""Why a paper is similar, in one line for people."""

from recommender.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:  # NumPy is behind it, and a look-up does without
    from recommender.recommendation.explanation import Explanation

TERMS = 3
LONGEST_TERM, LONGEST_SENTENCE = 16, 24  # characters shown


def reason_line(why: "Explanation") -> str:
    """Return what a score is made of, the words in common, the closest sentences, what else is shared.

    >>> from recommender.recommendation.explanation import Explanation
    >>> reason_line(Explanation(meaning=0.25, words=0.0, usual=-0.05, neighbours=0.0, unlike=0.0, age=0.0,
    ...     terms=(), sentences=(), authors=("Li",), keywords=(), venue=""))
    'meaning +0.250, usual -0.050; authors: Li'
    """
    names = ("meaning", "words", "usual", "neighbours", "unlike", "age")
    parts = ", ".join(f"{name} {getattr(why, name):+.3f}" for name in names if getattr(why, name))
    terms = ", ".join(_cut(term.text, LONGEST_TERM) for term in why.terms[:TERMS])
    said = [parts, f"in common: {terms}" if terms else ""]
    said += [
        f"“{_cut(pair.asked, LONGEST_SENTENCE)}” ≈ “{_cut(pair.found, LONGEST_SENTENCE)}” ({pair.cosine:.2f})"
        for pair in why.sentences[:1]
    ]
    said += [
        f"{name}: {', '.join(map(printable, shared))}"
        for name, shared in (("authors", why.authors), ("keywords", why.keywords), ("venue", [why.venue]))
        if any(shared)
    ]
    return "; ".join(part for part in said if part)


def _cut(text: str, longest: int) -> str:
    shown = " ".join(printable(text).split())
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
