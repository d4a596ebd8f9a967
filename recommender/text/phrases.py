"""Words that two texts share, joined to what people read: 产教, 教融 and 融合 are one phrase, 产教融合."""

from collections.abc import Iterator, Set
from itertools import pairwise

from recommender.text.tokens import LETTER, runs


def phrases(text: str, shared: Set[str]) -> dict[str, str]:
    """Return for every shared token of `text` the longest shared phrase that holds it.

    Tokens that overlap in the text make one phrase, as far as all of them are shared.

    >>> phrases("推进产教融合", {"产", "教", "融", "合", "产教", "教融", "融合"})["教"]
    '产教融合'
    """
    found: dict[str, str] = {}
    for phrase, parts in _phrases(text, shared):
        for token in parts & shared:
            if len(phrase) > len(found.get(token, "")):
                found[token] = phrase
    return found


def _phrases(text: str, shared: Set[str]) -> Iterator[tuple[str, set[str]]]:
    """Yield each longest stretch of shared tokens, and the tokens it may hold."""
    for run, is_spaced in runs(text):
        letters = [run] if is_spaced else LETTER.findall(run)
        start = 0
        for end in range(1, len(letters) + 1):
            if end < len(letters) and letters[end - 1] + letters[end] in shared:
                continue
            stretch = letters[start:end]
            pairs = {one + other for one, other in pairwise(stretch)}
            yield "".join(stretch), {*stretch, *pairs}
            start = end
