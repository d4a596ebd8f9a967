"""Whether two texts of one language are versions of one work, or two studies told in the same words.

Edited and shortened texts keep most of the shorter word for word: its containment in the other (Broder, On
the resemblance and containment of documents, 1997). Slips on every line break the shingles but not the order
of the letters: their longest common subsequence (counted by the bits of whole numbers: Hyyrö, Bit-parallel
LCS-length computation revisited, 2004). Who rewrites a text to submit it again keeps its findings: all its
numbers, and phrases between. Template wording keeps much of this: two towns' dialects, two additives fed to
the same hens. There each text says again and again what the other never says, the name of its subject; an
edit at most leaves such words out, on one side. So what both alone repeat counts against them, by its rarity
in the corpus.
"""

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from recommender.duplicates.shingles import containment, letters, numbers, shingles

if TYPE_CHECKING:
    from recommender.lexical import LexicalIndex

FEWEST = 30  # shingles; of shorter texts only exact copies count
LOOKED_INTO = 0.3  # containment from which on more is compared: the rest shares a phrase or two
SAME_TEXT = 0.7  # containment; below it are papers of one group on one subject, word for word in parts
SAME_ORDER = 0.85  # of the letters of the longer text
SAME_NUMBERS = 0.95  # of those with two digits or more, in the text that has fewer
FEWEST_NUMBERS = 3  # with one digit too
REPEATED = 2  # times; what is said once is a slip, or an example
AGAINST = 2.0  # how much a part of what each alone repeats counts against one of what is shared
AGAINST_WORDING = 3.0  # likewise where what is shared is the wording, which may be a template
CERTAIN = 0.45  # from which on two texts are versions of one work; measured in models/README.md


class Likeness(NamedTuple):
    """How alike the texts of two papers are.

    Attributes:
        containment: The share of the shingles of the shorter that the other has too.
        certainty: What is shared less what speaks against one work, up to 1; 0 if too little is shared.
    """

    containment: float
    certainty: float


class Wording:
    """The words of one text, in the ways in which they are compared.

    Attributes:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        """Take a text; what is not asked for is not made."""
        self.text = text

    @cached_property
    def shingles(self) -> frozenset[str]:
        """See `shingles`."""
        return shingles(self.text)

    @cached_property
    def letters(self) -> str:
        """See `letters`."""
        return letters(self.text)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """See `numbers`."""
        return numbers(self.text)

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each token occurs."""
        from recommender.lexical.weighting import counted

        return counted(self.text)

    def only_here(self, other: "Wording", lexical: "LexicalIndex") -> float:
        """Return the share of what this text repeats that the other never says, by its weights."""
        question = lexical.question(self.text)
        weights: list[float] = question.weights.tolist()
        weighed = zip(question.tokens, weights, strict=True)
        repeated = {token: weight for token, weight in weighed if self.counts[token] >= REPEATED}
        missing = sum(weight for token, weight in repeated.items() if token not in other.counts)
        return missing / (sum(repeated.values()) or 1.0)


def likeness(one: Wording, other: Wording, lexical: "LexicalIndex") -> Likeness:
    """Return how alike two texts are; `lexical` knows how rare a word is in their corpus."""
    if one.text == other.text:
        return Likeness(1.0, 1.0)
    shared = containment(one.shingles, other.shingles)
    if shared < LOOKED_INTO or min(len(one.shingles), len(other.shingles)) < FEWEST:
        return Likeness(shared, 0.0)
    wording = max(shared if shared >= SAME_TEXT else 0.0, _same_order(one.letters, other.letters))
    # two parts of one trial, told in one wording, have its numbers in common: there the wording decides
    findings = 0.0 if wording else _same_numbers(one.numbers, other.numbers)
    if not (wording or findings):
        return Likeness(shared, 0.0)
    told_apart = min(one.only_here(other, lexical), other.only_here(one, lexical))
    kept = wording - AGAINST_WORDING * told_apart, findings - AGAINST * told_apart
    return Likeness(shared, max(0.0, *kept))


def in_order(one: str, other: str) -> int:
    """Return the length of the longest common subsequence of two texts.

    >>> in_order("slips of the pen", "slisp o the pen")
    14
    """
    shorter, longer = sorted((one, other), key=len)
    places: dict[str, int] = {}
    for place, letter in enumerate(shorter):
        places[letter] = places.get(letter, 0) | 1 << place
    every = (1 << len(shorter)) - 1
    unmatched = every
    for letter in longer:
        met = unmatched & places.get(letter, 0)
        unmatched = ((unmatched + met) | (unmatched - met)) & every
    return len(shorter) - unmatched.bit_count()


def _same_order(one: str, other: str) -> float:
    """Return the share of the longer text that stands in the other in its order, or 0 if too little does."""
    shorter, longer = sorted((len(one), len(other)))
    if shorter < SAME_ORDER * longer:
        return 0.0
    share = in_order(one, other) / longer
    return share if share >= SAME_ORDER else 0.0


def _same_numbers(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how much it says that two texts give the same numbers, the more the more these are, or 0."""
    if min(len(one), len(other)) < FEWEST_NUMBERS:
        return 0.0
    ours, theirs = (frozenset(number for number in found if len(number) > 1) for found in (one, other))
    n = min(len(ours), len(theirs))
    return 1 - 1 / n if n and containment(ours, theirs) >= SAME_NUMBERS else 0.0
