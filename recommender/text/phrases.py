"""Phrases that two texts share, as people read them: no pieces of words, and none that tell no subject."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

from recommender.text.han import folded
from recommender.text.plain_words import PARTING_LETTERS, PLAIN, parting_words
from recommender.text.tokens import LETTER, RUN, tokens_of_folded

LONGEST = 8_000  # characters of a text that are looked at
MOST_PLACES, MOST_UNITS = 16, 24  # of a word in the other text, of a phrase: or some texts take minutes
Segments = Callable[[str], Sequence[str]]  # of a run of letters without spaces, which they make up in order
SHORTEST = 2  # letters of a word on either side of a seam
GAP = re.compile("[ -]")  # between words of one phrase
SUFFIX = re.compile("(?<![目标靶])(中?的)")  # segments often hold it together with a word beside it
HIRAGANA = re.compile("[ぁ-ゖ]+")
KATAKANA = re.compile("[ァ-ヺー]{2}")
NUMBER = re.compile(r"[\d.]+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words that follow each other in a text, with no function word between.

    Attributes:
        units: The letters of words that are written without spaces, or else whole words.
        words: Of each word the number of units before it, and the word itself.
        cuts: The numbers of units before or after which there is a word.
        seams: Those where a long word may well be joined from two.
        gap: What stands between units where they are written: nothing or a space.
        is_lone: Whether it is one letter that has no other of its script beside it.
    """

    units: tuple[str, ...]
    words: tuple[tuple[int, str], ...]
    cuts: frozenset[int]
    seams: frozenset[int]
    gap: str
    is_lone: bool

    @classmethod
    def of(cls, words: Sequence[str], gap: str, run: str = "") -> "Stretch":
        """Make a stretch of words, which are a part of `run` if no spaces stand between."""
        units = [[word] if gap else LETTER.findall(word) for word in words]
        ends = [*accumulate(map(len, units), initial=0)]
        seams = {cut for start, end in pairwise(ends) for cut in range(start + SHORTEST, end - SHORTEST + 1)}
        every = tuple(zip(ends, words, strict=False))
        return cls(tuple(chain(*units)), every, frozenset(ends), frozenset(seams), gap, len(run) == 1)

    @property
    def starts(self) -> list[int]:
        """Where a phrase may begin."""
        return sorted((self.cuts | self.seams) - {len(self.units)})


def shared_phrases(
    one: str, other: str, segments: Segments = LETTER.findall, languages: Iterable[str] = ()
) -> dict[str, frozenset[str]]:
    """Return the longest phrases that two texts share, in the order of the first, each with its tokens.

    A phrase begins and ends where a word does in both texts, or in one of them and at a seam of the other,
    and holds no function word. Left out are parts of longer ones, lone numbers and letters, and what
    consists of nothing but words that any abstract has.

    Args:
        one: The first text.
        other: The second one.
        segments: Cuts a run of letters into words; by itself each letter may begin one.
        languages: Of the texts, as ISO 639-1 codes.

    >>> cut = {"推进产教融合": ["推进", "产教", "融合"], "产教融合的治理": ["产教", "融合", "的", "治理"]}
    >>> [*shared_phrases(*cut, segments=cut.__getitem__)]
    ['产教融合']
    """
    parting = parting_words(languages)
    places: dict[tuple[str, str], list[tuple[Stretch, int]]] = {}
    for stretch in _stretches(other, segments, parting):
        for start in stretch.starts:
            places.setdefault((stretch.gap, stretch.units[start]), []).append((stretch, start))
    found: dict[str, frozenset[str]] = {}
    for stretch in _stretches(one, segments, parting):
        for start in stretch.starts:
            near = places.get((stretch.gap, stretch.units[start]), [])[:MOST_PLACES]
            end = max((_shared_end(stretch, start, *place) for place in near), default=start)
            if end > start and _tells(stretch, start, end):
                phrase = stretch.gap.join(stretch.units[start:end])
                found[f"{stretch.gap}{phrase}{stretch.gap}"] = frozenset(tokens_of_folded(phrase))
    every = "\n".join(found)  # within gaps: a part of a longer one consists of whole words
    return {phrase.strip(): own for phrase, own in found.items() if every.count(phrase) == 1}


def _stretches(text: str, segments: Segments, parting: frozenset[str]) -> Iterator[Stretch]:
    """Yield the stretches of a text, as it is compared, in its order."""
    plain = folded(text[:LONGEST])
    spaced: list[str] = []
    end = 0
    for run in RUN.finditer(plain):
        if spaced and not GAP.fullmatch(plain[end : run.start()]):
            yield Stretch.of(spaced, " ")
            spaced = []
        end = run.end()
        if run.lastgroup not in ("word", "number"):
            yield from _unspaced(run[0], segments, parting)
        elif run[0] not in parting:
            spaced.append(run[0])
        elif spaced:
            yield Stretch.of(spaced, " ")
            spaced = []
    if spaced:
        yield Stretch.of(spaced, " ")


def _unspaced(run: str, segments: Segments, parting: frozenset[str]) -> Iterator[Stretch]:
    """Yield the stretches of a run of letters without spaces."""
    read = segments(run)
    if len(read) == len(run):  # its words are not known
        parting = PARTING_LETTERS
    words: list[str] = []
    for word in (part for piece in read for part in SUFFIX.split(piece) if part):
        if word in parting or HIRAGANA.fullmatch(word):
            if words:
                yield Stretch.of(words, "", run)
            words = []
        elif words and KATAKANA.fullmatch(words[-1][-1] + word[0]):
            words[-1] += word
        else:
            words.append(word)
    if words:
        yield Stretch.of(words, "", run)


def _shared_end(one: Stretch, start: int, other: Stretch, begin: int) -> int:
    """Return where the longest phrase ends in `one` that begins here in both."""
    end = start
    if start not in one.cuts and begin not in other.cuts:
        return end
    pairs = zip(one.units[start : start + MOST_UNITS], other.units[begin : begin + MOST_UNITS], strict=False)
    for n, (ours, theirs) in enumerate(pairs, start=1):
        if ours != theirs:
            break
        are_cuts = start + n in one.cuts, begin + n in other.cuts
        are_seams = start + n in one.seams, begin + n in other.seams
        if all(are_cuts) or (are_cuts[0] and are_seams[1]) or (are_seams[0] and are_cuts[1]):
            end = start + n
    return end


def _tells(stretch: Stretch, start: int, end: int) -> bool:
    """Tell whether a part of a stretch names something."""
    starts = [at for at, _ in stretch.words]
    first, last = bisect_right(starts, start) - 1, bisect_left(starts, end)
    words = [word for _, word in stretch.words[first:last]]
    named = [word for word in words if word not in PLAIN and not NUMBER.fullmatch(word)]
    letters = sum(len(word) == 1 for word in named)
    if stretch.gap:
        return letters < len(named)
    return "".join(stretch.units[start:end]) not in PLAIN and (
        letters < len(named) or letters > 1 or (letters == 1 and stretch.is_lone)
    )
