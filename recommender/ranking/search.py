"""The nearest rows of texts and papers among all or some of the rows, by both legs."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from recommender.neighbour import LABELS, Neighbour
from recommender.ranking.calibration import Calibration
from recommender.ranking.comparing import Asked, Comparison, Scored, Side
from recommender.ranking.graph import NONE
from recommender.ranking.rivals import BEHIND, SAME_TEXT, are_rivalled
from recommender.ranking.shared_neighbours import (
    UNIT,
    Lists,
    Near,
    Parts,
    first_of_their_language,
    gain,
    shared,
)
from recommender.vectors import DECIMALS, Flags, Rows, Values, Vectors, are_among, distinct, within

if TYPE_CHECKING:
    from recommender.index import VectorIndex
    from recommender.lexical import LexicalIndex, Matches
    from recommender.lexical.index import Question

DEPTH = 100  # candidates of each leg and language, beyond those asked for
SPARE = 30  # of them, beyond those asked for, at least so many whose words are looked up
LOOKED_UP = (
    3_000  # words in rows: of a title more rows, since its few words tell less without the common ones
)
EFFORT = 0.5  # of a rebuild's search in lists: a text has the candidates of its words beside them


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which of some rows are wanted, see `Search.nearest`; `are_all`: all rows may answer."""

    k: int
    are_all: bool
    without: Set[int]
    worth: Values | None
    least: float


class Search:
    """Both legs of one build. Safe to share between threads."""

    def __init__(
        self,
        index: "VectorIndex",
        vectors: Vectors,
        lexical: "LexicalIndex",
        calibration: Calibration,
        lists: Lists | None = None,
    ) -> None:
        """Take the parts of a build.

        Args:
            index: Finds the nearest vectors.
            vectors: (n, dim).
            lexical: The words of each row.
            calibration: What is usual between the languages.
            lists: The stored neighbours of each row; None: no neighbours in common are asked for.
        """
        self._lists = lists
        self.lexical = lexical
        self.calibration = calibration
        self.vectors = vectors
        self._index = index
        self._comparison = Comparison(vectors, lexical, calibration)

    def nearest(
        self,
        asked: Sequence[Asked],
        k: int,
        *,
        allowed: Rows | None = None,
        without: Set[int] = frozenset(),
        worth: Values | None = None,
        least: float = 0.0,
    ) -> list[Neighbour]:
        """Return the `k` rows most similar to what is asked, best first; fewer only where there are no more.

        Candidates are the nearest of each leg in each language, so that neither words nor the query's own
        language can hide the others. Their scores are exact.

        Args:
            asked: Texts and papers; the scores are added up by their weights.
            k: How many.
            allowed: Only these rows, ascending; None: all.
            without: Rows that are no answer.
            worth: (n_rows,), what a score above 0 is multiplied by; then every row is a candidate.
            least: Only rows of this similarity or a higher one. It rises with the score within a language
                only, so that the first rows that are similar enough need not be the first of all.
        """
        questions = [self.question(one) for one in asked]
        sides = [
            self._comparison.side(one, question, self._comparison.words_in_common(one, question))
            for one, question in zip(asked, questions, strict=True)
        ]
        n = 2 * k + len(without) + DEPTH
        rows = self._every(allowed) if worth is not None else self._candidates(sides, n, allowed)
        wanted = _Wanted(k, allowed is None, without, worth, least)
        found = self._best(sides, rows, wanted)
        several = sum(one.weight > 0 for one in asked) > 1
        if least and several and len(found) < k and len(rows) < len(every := self._every(allowed)):
            # A row may be similar enough in the mean and yet among the nearest of none of them.
            return self._best(sides, every, wanted)
        return found

    def _every(self, allowed: Rows | None) -> Rows:
        return np.arange(len(self.lexical)) if allowed is None else allowed

    def _best(self, sides: Sequence[Side], rows: Rows, wanted: _Wanted) -> list[Neighbour]:
        """Return the best of some rows, ascending, that are similar enough."""
        asked, worth, least = [side.asked for side in sides], wanted.worth, wanted.least
        n = len(rows) if worth is not None or least else wanted.k + len(wanted.without)
        n_listed = self._lists.k if self._lists and any(map(self._has_list_of_its_own, sides)) else 0
        rows, found = self._found(sides, rows, max(n, n_listed))
        found = [
            self._with_gains(side, rows, compared, are_all=wanted.are_all)
            for side, compared in zip(sides, found, strict=True)
        ]
        total = _total(asked, found, len(rows))
        if worth is not None:
            total = np.where(total > 0, total * worth[rows], total)
        total = np.round(total, DECIMALS)
        best = np.lexsort((rows, -total))
        if wanted.without:
            without = np.sort(np.fromiter(wanted.without, dtype=np.int64))
            best = best[~are_among(rows[best], without)]
        if least:
            best = best[self._similarities(asked, found, best) >= least]
        best = best[: wanted.k]
        shares, labels = self._similarities(asked, found, best), self._labels(sides, found, rows, best)
        return neighbours(rows[best], total[best], shares, labels)

    def question(self, asked: Asked) -> "Question":
        """Return the words of one of those asked for, as it is compared by them."""
        return self._comparison.question(asked)

    def words_in_common(self, asked: Asked) -> "Matches":
        """Return the lexical cosine of one of those asked for with every row, as it is compared by it."""
        return self._comparison.words_in_common(asked, self.question(asked))

    def scored(self, asked: Asked, words: "Matches", rows: Rows) -> Scored:
        """Compare one of those asked for with some rows, given its lexical cosine with every row."""
        side = self._comparison.side(asked, self.question(asked), words)
        compared = self._comparison.scored(side, rows, self._comparison.legs(side, rows), words.of(rows))
        return self._with_gains(side, rows, compared, are_all=False)

    def _with_gains(self, side: Side, rows: Rows, compared: Scored, *, are_all: bool) -> Scored:
        """Return how some rows compare, with what they gain by neighbours in common.

        With a few words there are none.

        Args:
            side: One of those asked for.
            rows: The rows (n,).
            compared: How they compare by themselves.
            are_all: Whether those nearest to it are among them; else a text's are searched for.
        """
        lists, share, asked = self._lists, self.calibration.shared, side.asked
        if lists is None or not share or not (asked.row is not None or self._has_list_of_its_own(side)):
            return compared
        own = np.array([NONE if asked.row is None else asked.row], dtype=np.int32)
        if asked.row is not None:
            near, scores = lists.near(own)
        elif are_all:
            near, scores = _listed(rows, compared, lists.k)
        else:
            others, (found,) = self._found([side], self._candidates([side], lists.k + DEPTH, None), lists.k)
            near, scores = _listed(others, found, lists.k)
        translated = self._translations(side, near[0], scores[0])[None]
        gained = gain(shared(own, near, scores, lists), share)
        gained = first_of_their_language(gained, scores, near, translated, self.calibration.groups)
        more = _at(rows, near[0], gained[0] / UNIT)
        return replace(compared, shared=more, scores=np.round(compared.scores + more, DECIMALS))

    def _translations(self, side: Side, near: Near, scores: Parts) -> Flags:
        """Tell which rows in the list of one of those asked for are its translations (k,), see `rivals`."""
        found: Flags = near != NONE
        found[found] = self._comparison.translations(side, near[found].astype(np.int64), scores[found] / UNIT)
        places = np.flatnonzero(found)
        own = near[None], scores[None]
        found[places] = ~self._have_rivals(side, near[places], scores[places], own)
        return found

    def _has_list_of_its_own(self, side: Side) -> bool:
        """Tell whether one of those asked for is a text that has neighbours: a few words have none."""
        return side.asked.row is None and not side.question.wants_all

    def _found(self, sides: Sequence[Side], rows: Rows, k: int) -> tuple[Rows, list[Scored]]:
        """Return those of some rows, ascending, that can be among the `k` best, and how they compare exactly.

        Where words have to be looked up, that is done only of the rows that come first without.
        """
        legs = [self._comparison.legs(side, rows) for side in sides]
        n_words = sum(side.words.n_looked_up for side in sides)
        n = max(k + SPARE, LOOKED_UP // max(1, n_words))
        if n_words and len(rows) > n:
            told = [
                self._comparison.scored(side, rows, own, side.words.roughly(rows))
                for side, own in zip(sides, legs, strict=True)
            ]
            total = _total([side.asked for side in sides], told, len(rows))
            first = np.sort(np.argpartition(-total, n)[:n])
            rows, legs = rows[first], [(cosine[first], covered[first]) for cosine, covered in legs]
        found = [
            self._comparison.scored(side, rows, own, side.words.of(rows))
            for side, own in zip(sides, legs, strict=True)
        ]
        return rows, found

    def _candidates(self, sides: Sequence[Side], n: int, allowed: Rows | None) -> Rows:
        """Return the nearest of each leg in each language, ascending."""
        found = []
        groups = self.calibration.groups
        for group in range(len(groups)):
            stretch = groups.stretch(group)
            rows = stretch if allowed is None else within(stretch, allowed)
            if len(rows) <= n:
                found.append(np.asarray(rows, dtype=np.int64))
                continue
            for side in sides:
                if side.asked.weight > 0:
                    found.append(self._nearest_vectors(side.asked, n, rows))
                    if self.calibration.weights.any():
                        found.append(side.words.best(n, stretch, None if isinstance(rows, range) else rows))
                    named = within(stretch, side.names.rows)
                    found.append(named if allowed is None else named[are_among(named, allowed)])
        return distinct(np.concatenate(found).astype(np.int64))

    def _nearest_vectors(self, asked: Asked, n: int, rows: Rows | range) -> Rows:
        """Return the `n` nearest of some rows, or nearly all of them: they are scored later."""
        if isinstance(rows, range):
            found: Rows = self._index.candidates(asked.vector[None], n, rows, EFFORT)[0]
            return found[found >= 0]
        hits: Rows = self._index.search(asked.vector[None], n, rows).rows[0]
        return hits

    def _similarities(self, asked: Sequence[Asked], found: Sequence[Scored], best: Rows) -> Values:
        """Return the mean similarity of the best to those liked."""
        shares = np.zeros(len(best))
        liked = [compared for one, compared in zip(asked, found, strict=True) if one.weight > 0]
        for compared in liked:
            others = compared.others[best]
            shares += self.calibration.similarities(compared.scores[best], compared.group, others)
        rounded: Values = np.round(shares / max(1, len(liked)), DECIMALS)
        return rounded

    def _labels(self, sides: Sequence[Side], found: Sequence[Scored], rows: Rows, best: Rows) -> Rows:
        """Return the number of the highest label that the best of some rows have with any of those liked."""
        labels = np.zeros(len(best), dtype=np.int64)
        for side, compared in zip(sides, found, strict=True):
            if side.asked.weight <= 0:
                continue
            rivalled = partial(self._rivalled, side, compared, rows)
            labels = np.maximum(labels, self._comparison.labels(side, compared, rows, best, rivalled))
        return labels

    def _rivalled(self, side: Side, compared: Scored, rows: Rows, places: Rows) -> Flags:
        """Tell which of the rows at some places (m,) are no translations of one of those asked for.

        What is near to a paper its list tells, whatever is left out of the answer; to a text, the rows.
        """
        alone = np.rint((compared.scores - compared.shared) * UNIT).astype(np.int64)
        own: tuple[Rows | Near, Parts] = (rows[None], alone[None])
        if self._lists is not None and side.asked.row is not None:
            own = self._lists.near(np.array([side.asked.row], dtype=np.int32))
        return self._have_rivals(side, rows[places], alone[places], own)

    def _have_rivals(
        self, side: Side, rows: Rows | Near, scores: Parts, own: tuple[Rows | Near, Parts]
    ) -> Flags:
        """Tell which rows (m,) are no translations of what is asked for, given all near to it (1, n)."""
        groups, lists = self.calibration.groups, self._lists
        near_to = lists.near if lists is not None and side.group < len(groups) else None
        behind = SAME_TEXT if side.asked.row is None else BEHIND
        return are_rivalled((rows, scores), own, near_to, side.group, groups, behind)


def _listed(rows: Rows, compared: Scored, k: int) -> tuple[Near, Parts]:
    """Return the list that a text would have among those of the rows, see `Lists.near`."""
    best = np.lexsort((rows, -compared.scores))[:k]
    return rows[best].astype(np.int32)[None], np.rint(compared.scores[best] * UNIT).astype(np.int64)[None]


def _at(rows: Rows, near: Near, values: Values) -> Values:
    """Return the values of some rows (n,), of which those near (m,), each once, have one and the others 0."""
    order = np.argsort(near)
    places = order[np.minimum(np.searchsorted(near, rows, sorter=order), len(near) - 1)]
    return np.where(near[places] == rows, values[places], 0.0)


def _total(asked: Sequence[Asked], found: Sequence[Scored], n: int) -> Values:
    """Return the scores of `n` rows for all that are asked for, added up by their weights."""
    total = np.zeros(n)
    for one, compared in zip(asked, found, strict=True):
        total += one.weight * compared.scores
    return total


def neighbours(rows: Rows, scores: Values, shares: Values, labels: Rows) -> list[Neighbour]:
    """Return rows with their scores, similarities and the numbers of their labels, one by one."""
    named = (LABELS[number] for number in labels.tolist())
    found = zip(rows.tolist(), scores.tolist(), shares.tolist(), named, strict=True)
    return [Neighbour(*entry) for entry in found]
