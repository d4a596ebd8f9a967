"""Which papers of a build are one work, by their texts and vectors."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice, product

import numpy as np

from recommender.builds import Build
from recommender.duplicates.groups import Rows, Tie, grouped
from recommender.duplicates.shingles import containment, numbers
from recommender.duplicates.versions import CERTAIN, Likeness, Wording, likeness
from recommender.neighbour import Label, Neighbour
from recommender.paper import Paper
from recommender.text.han import folded
from recommender.text.language import letters_by_script

LOOKED_AT = 10  # neighbours of each paper
KEPT = 64  # texts taken apart: of one row and its neighbours
ASKED = 4  # papers of each language that speak for a group, so that a large one is not compared with each
SAME_NUMBERS = 0.4  # of those in the text that has fewer: what no translator changes
ALL_BUT_FEW = 0.6  # likewise, where the vectors lie no nearer than those of one topic
FEWEST_NUMBERS = 3  # with less of them, the nearest must be nearer than the next
MARGIN = 0.04  # by so much of a score
OnProgress = Callable[[int, int], None]


class Kind(StrEnum):
    """How two papers are one work."""

    exact = "exact copy"
    near = "edited version"
    translated = "translation"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two papers that are one work, and the evidence.

    Attributes:
        one, other: The papers.
        kind: How they are one work.
        containment: The share of the shorter text that stands in the other word for word; of translations
            the share of its numbers, 0 if a text has none.
        score: What the second is ranked by among the neighbours of the first; of exact copies 1.
        differs: `venue`, `authors`: what both records name, and name differently (一稿多投).
    """

    one: Paper
    other: Paper
    kind: Kind
    containment: float
    score: float
    differs: tuple[str, ...]

    @property
    def is_resubmitted(self) -> bool:
        """Whether the same text appears elsewhere or under other names."""
        return bool(self.differs)


@dataclass(frozen=True, slots=True)
class Group:
    """Papers that are one work: each is tied to another by a pair, and no stranger to the rest."""

    papers: tuple[Paper, ...]
    pairs: tuple[Pair, ...]


def find_duplicates(build: Build, on_progress: OnProgress = lambda done, total: None) -> list[Group]:
    """Return the groups of papers that are one work, in the order of the build.

    Two texts of one language are versions of one work if most of the shorter stands in the other, or the
    longer keeps its order, or some does and all numbers are the same; and not each of them repeats what the
    other never says. Of two languages they are
    translations if each is the nearest of its language to the other, their vectors lie as near as those of
    known translations, and they give the same numbers, or, where they give hardly any and these do not
    contradict each other, no other paper is nearly as near. If nearly all numbers are the same, vectors of
    one topic are enough. Pairs make a group as long as those of its papers that are of one
    language are versions of each other.

    Args:
        build: The build; without labels it has no translations.
        on_progress: Told now and then how many papers were looked at.

    Raises:
        BuildError: The build is damaged.
    """
    found = _Finder(build)
    n = build.manifest.n_papers
    for row in range(n):
        found.look_at(row)
        if row % 1_000 == 0 or row == n - 1:
            on_progress(row + 1, n)
    return found.groups()


class _Finder:
    def __init__(self, build: Build) -> None:
        self._build = build
        self._first: dict[int, int] = {}  # of each copy, the first row with its text
        self._pairs: dict[tuple[int, int], Pair] = {}
        self._wording = lru_cache(KEPT)(lambda row: Wording(build.papers.paper(row).prose))
        self._language = lru_cache(None)(lambda row: build.papers.paper(row).language)  # of pairs alone

    def look_at(self, row: int) -> None:
        """Add the pairs of one row with earlier copies and with its neighbours."""
        if (first := self._first.get(row)) is not None:
            self._add((first, row), Kind.exact, 1.0, 1.0)
            return  # its neighbours are those of its first copy
        self._first |= dict.fromkeys(self._build.papers.copies_of(row) - {row}, row)
        paper = self._build.papers.paper(row)
        for neighbour in self._build.neighbours.by_score(row)[:LOOKED_AT]:
            if neighbour.label in (Label.UNRELATED, Label.SAME_FIELD):
                continue
            other = self._build.papers.paper(neighbour.row)
            if paper.language == other.language:
                self._add_version(row, neighbour)
            elif neighbour.label is not Label.UNKNOWN and self._is_translation(row, neighbour):
                shared = containment(numbers(paper.prose), numbers(other.prose))
                self._add((row, neighbour.row), Kind.translated, shared, neighbour.score)

    def groups(self) -> list[Group]:
        """Return what the pairs hold together; versions that fit no group are one of their own."""
        by_text: dict[Tie, list[Tie]] = {}  # a copy stands where its text first does
        for one, other in self._pairs:
            ours, theirs = sorted((self._first.get(one, one), self._first.get(other, other)))
            by_text.setdefault((ours, theirs), []).append((one, other))
        found = []
        left = sorted(by_text, key=lambda tie: min(map(self._doubt, by_text[tie])))
        while left:
            groups, between = grouped(left, self._are_one_work)
            found += [sorted(pair for tie in ties for pair in by_text[tie]) for ties in groups]
            left = [tie for tie in between if self._pairs[by_text[tie][0]].kind is Kind.near]
        return [self._group(ties) for ties in sorted(found)]

    def _group(self, ties: Sequence[Tie]) -> Group:
        rows = sorted({row for tie in ties for row in tie})
        return Group(
            tuple(self._build.papers.paper(row) for row in rows), tuple(self._pairs[tie] for tie in ties)
        )

    def _add_version(self, row: int, neighbour: Neighbour) -> None:
        """Add a neighbour of the same language if it is a version; not twice, each from the other's side."""
        other = neighbour.row
        if other < row and row in (entry.row for entry in self._build.neighbours.by_score(other)[:LOOKED_AT]):
            return
        found = self._likeness(row, other)
        if self._wording(row).text == self._wording(other).text:  # their keywords differ
            self._add((row, other), Kind.exact, 1.0, 1.0)
        elif found.certainty >= CERTAIN:
            self._add((row, other), Kind.near, found.containment, neighbour.score)

    def _likeness(self, one: int, other: int) -> Likeness:
        return likeness(self._wording(one), self._wording(other), self._build.lexical)

    def _add(self, tie: Tie, kind: Kind, shared: float, score: float) -> None:
        one, other = sorted(tie)
        if (one, other) not in self._pairs:
            papers = self._build.papers.paper(one), self._build.papers.paper(other)
            self._pairs[one, other] = Pair(*papers, kind, shared, score, _differences(*papers, kind))

    def _doubt(self, tie: Tie) -> tuple[bool, float, float, Tie]:
        """Return what puts the surest pairs first, translations after those of one language."""
        pair = self._pairs[tie]
        return pair.kind is Kind.translated, -pair.containment, -pair.score, tie

    def _are_one_work(self, ours: Rows, theirs: Rows) -> bool:
        """Tell whether in each language that two groups share half of their papers are versions, or more."""
        fewer, more = sorted((ours, theirs), key=len)
        for language in dict.fromkeys(map(self._language, fewer)):
            sides = [
                [*islice((row for row in side if self._language(row) == language), ASKED)]
                for side in (fewer, more)
            ]
            alike = [self._likeness(*tie).certainty >= CERTAIN for tie in product(*sides)]
            if 2 * sum(alike) < len(alike):
                return False
        return True

    def _is_translation(self, row: int, neighbour: Neighbour) -> bool:
        """Tell whether two papers of different languages, whose vectors lie near, say the same."""
        other = neighbour.row
        papers = self._build.papers.paper(row), self._build.papers.paper(other)
        there, back = self._nearest(row, papers[1].language), self._nearest(other, papers[0].language)
        if [entry.row for entry in (*there[:1], *back[:1])] != [other, row]:
            return False
        ours, theirs = (numbers(paper.prose) for paper in papers)
        is_near = self._is_near(row, neighbour)
        if min(len(ours), len(theirs)) >= FEWEST_NUMBERS:
            return containment(ours, theirs) >= (SAME_NUMBERS if is_near else ALL_BUT_FEW)
        if ours and theirs and not ours & theirs:
            return False
        return is_near and all(
            found[0].score - found[1].score >= MARGIN for found in (there, back) if len(found) > 1
        )

    def _is_near(self, row: int, neighbour: Neighbour) -> bool:
        """Tell whether two papers of different languages are as near as translations, whatever else is."""
        calibration, pair = self._build.calibration, np.array([row, neighbour.row])
        own, other = calibration.groups.at(pair).tolist()
        hubness = calibration.hubness_between(pair[:1], pair[1:])
        others = np.array([other])
        likeness = calibration.likeness(np.array([neighbour.score]), hubness, own, others)
        return bool(calibration.translations(likeness, own, others)[0])

    def _nearest(self, row: int, language: str) -> list[Neighbour]:
        """Return the stored neighbours of a row that are of a language, best first."""
        found = self._build.neighbours.by_score(row)
        return [entry for entry in found if self._build.papers.paper(entry.row).language == language][:2]


def _differences(one: Paper, other: Paper, kind: Kind) -> tuple[str, ...]:
    """Return what two records name differently.

    A translation that is printed in the same place has the same venue and authors, however they are written.
    Its names in another script are not compared; whether it is another venue is then told by the places.
    """
    places = [_printed(one), _printed(other)]
    if kind is Kind.translated and places[0] == places[1] and all(places[0]):
        return ()
    found = []
    for name, ours, theirs in (
        ("venue", [one.venue], [other.venue]),
        ("authors", one.authors, other.authors),
    ):
        if not (_named(ours) and _named(theirs)):
            continue
        if kind is not Kind.translated or _script(ours) == _script(theirs):
            is_other = _named(ours) != _named(theirs)
        else:
            is_other = name == "venue" and _are_apart(*places)
        found += [name] * is_other
    return tuple(found)


def _printed(paper: Paper) -> tuple[frozenset[str], ...]:
    """Return the numbers of volume, issue and pages."""
    return tuple(map(numbers, (paper.volume, paper.issue, paper.pages)))


def _are_apart(one: Sequence[frozenset[str]], other: Sequence[frozenset[str]]) -> bool:
    """Tell whether two of volume, issue and pages are others: one alone may be written in another way."""
    return sum(bool(ours and theirs) and ours != theirs for ours, theirs in zip(one, other, strict=True)) > 1


def _script(names: Iterable[str]) -> str:
    """Return the script that names are written in; Latin letters beside another are abbreviations."""
    scripts = letters_by_script(" ".join(names))
    return next((script for script, n in scripts.items() if n and script != "latin"), "latin")


def _named(names: Iterable[str]) -> frozenset[str]:
    return frozenset(folded(name) for name in names) - {""}
