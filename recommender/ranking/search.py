"""The nearest rows of texts and papers among all or some of the rows, by both legs."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from recommender.neighbour import LABELS, Label, Neighbour
from recommender.ranking.calibration import Calibration
from recommender.ranking.graph import NONE
from recommender.ranking.shared_neighbours import UNIT, Lists, Near, Parts, gain, shared
from recommender.vectors import DECIMALS, Rows, Values, Vectors, cosines_with, distinct, within

if TYPE_CHECKING:
    from recommender.index import VectorIndex
    from recommender.lexical import LexicalIndex, Matches
    from recommender.lexical.index import Question

MOST_STRETCHED = 4.0
DEPTH = 100  # candidates of each leg and language, beyond those asked for
SPARE = 30  # of them, beyond those asked for, at least so many whose words are looked up
LOOKED_UP = (
    3_000  # words in rows: of a title more rows, since its few words tell less without the common ones
)
EFFORT = 0.5  # of a rebuild's search in lists: a text has the candidates of its words beside them
ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for.

    Attributes:
        text: Its words.
        vector: (dim,), its meaning.
        language: ISO 639-1 code, or "".
        row: Its own row, if it is a paper of the build.
        weight: What its scores count among those of others that are asked for together; below 0 the rows
            that are like it fall back.
    """

    text: str
    vector: Vectors
    language: str
    row: int | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Scored:
    """How some rows compare with one of those asked for (n,).

    Attributes:
        cosine: Of the vectors.
        words: Lexical cosine; of a few words, by how much of them each row has.
        usual: What is usual between their languages, and for both sides.
        weight: Of the words.
        stretch: How far scores reach between their languages.
        group: The group of the one asked for.
        others: The groups of the rows.
        shared: What of the scores comes by neighbours in common.
        scores: What the rows are ranked by.
    """

    cosine: Values
    words: Values
    usual: Values
    weight: Values
    stretch: Values
    group: int
    others: Rows
    shared: Values
    scores: Values


@dataclass(frozen=True, slots=True)
class _Gains:
    """What rows gain by neighbours in common with one of those asked for.

    Attributes:
        rows: That gain something, ascending (m,).
        values: How much (m,).
    """

    rows: Rows
    values: Values

    def of(self, rows: Rows) -> Values:
        """Return what each of some rows gains (n,)."""
        if not len(self.rows):
            return np.zeros(len(rows))
        places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[places] == rows, self.values[places], 0.0)


NO_GAINS = _Gains(np.zeros(0, dtype=np.int64), np.zeros(0))


@dataclass(frozen=True, slots=True)
class _Side:
    """One of those asked for, ready to be compared with any rows.

    Attributes:
        asked: Itself.
        question: Its words.
        words: Its lexical cosine with every row.
        group: Its group.
        hubness: Half of how much more than usual it is like all rows.
        gains: By neighbours in common.
    """

    asked: Asked
    question: "Question"
    words: "Matches"
    group: int
    hubness: float
    gains: _Gains = NO_GAINS


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
        self._group = calibration.groups.each()

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
            self._side(one, question, self._words_in_common(one, question))
            for one, question in zip(asked, questions, strict=True)
        ]
        n = 2 * k + len(without) + DEPTH
        rows = self._every(allowed) if worth is not None else self._candidates(sides, n, allowed)
        sides = [replace(side, gains=self._gains(side, rows if allowed is None else None)) for side in sides]
        found = self._best(sides, _less(rows, without), k, worth, least)
        several = sum(one.weight > 0 for one in asked) > 1
        if least and several and len(found) < k and len(rows) < len(every := self._every(allowed)):
            # A row may be similar enough in the mean and yet among the nearest of none of them.
            return self._best(sides, _less(every, without), k, worth, least)
        return found

    def _every(self, allowed: Rows | None) -> Rows:
        return np.arange(len(self.lexical)) if allowed is None else allowed

    def _best(
        self, sides: Sequence["_Side"], rows: Rows, k: int, worth: Values | None, least: float
    ) -> list[Neighbour]:
        """Return the `k` best of some rows, ascending, that are similar enough."""
        asked = [side.asked for side in sides]
        rows, found = self._found(sides, rows, len(rows) if worth is not None or least else k)
        total = _total(asked, found, len(rows))
        if worth is not None:
            total = np.where(total > 0, total * worth[rows], total)
        total = np.round(total, DECIMALS)
        best = np.lexsort((rows, -total))
        if least:
            best = best[self._similarities(asked, found, best) >= least]
        best = best[:k]
        shares, labels = self._similarities(asked, found, best), self._labels(sides, found, rows, best)
        return neighbours(rows[best], total[best], shares, labels)

    def question(self, asked: Asked) -> "Question":
        """Return the words of one of those asked for: a paper's as its row, a few words as a request."""
        return self.lexical.request(asked.text) if asked.row is None else self.lexical.question(asked.text)

    def words_in_common(self, asked: Asked) -> "Matches":
        """Return the lexical cosine of one of those asked for with every row.

        That of a few words, which few papers have, hardly differs among papers. Among those of one language
        it is stretched towards the spread that papers have with each other, so that the papers with these
        words come first: of a longer text in its own language, of a few words in each, since a name or a
        formula is of none, and the papers that have the words show that these are of their language too.
        """
        return self._words_in_common(asked, self.question(asked))

    def _words_in_common(self, asked: Asked, question: "Question") -> "Matches":
        words = self.lexical.scores(question)
        groups = self.calibration.groups
        if question.wants_all:
            for group in range(len(groups)):
                own = groups.stretch(group)
                self._stretch(words, own, words.spread_by(own, self.lexical.coverage(question)))
        elif asked.row is None and asked.language and asked.language in groups.names:
            own = groups.stretch(groups.names.index(asked.language))
            self._stretch(words, own, words.spread(own))
        return words

    def _stretch(self, words: "Matches", rows: range, spread: float) -> None:
        if spread:
            words.scale(rows, min(max(self.calibration.words_spread / spread, 1.0), MOST_STRETCHED))

    def scored(self, asked: Asked, words: "Matches", rows: Rows) -> Scored:
        """Compare one of those asked for with some rows, given its lexical cosine with every row."""
        side = self._side(asked, self.question(asked), words)
        side = replace(side, gains=self._gains(side))
        return self._compared(side, rows, self._legs(side, rows), words.of(rows))

    def _side(self, asked: Asked, question: "Question", words: "Matches") -> "_Side":
        groups = self.calibration.groups
        if asked.row is None:
            group = groups.group_of(asked.language)
            hubness = float(self.calibration.hubness_of(asked.vector, group))
        else:
            group, hubness = int(self._group[asked.row]), float(self.calibration.hubness[asked.row])
        return _Side(asked, question, words, group, hubness)

    def _gains(self, side: "_Side", candidates: Rows | None = None) -> _Gains:
        """Return what rows gain by neighbours in common: with a few words there are none.

        Args:
            side: Whose neighbours.
            candidates: Rows among which those of a text are; None: they are searched for.
        """
        lists, share, asked = self._lists, self.calibration.shared, side.asked
        if lists is None or not share or (asked.row is None and side.question.wants_all):
            return NO_GAINS
        own = np.array([NONE if asked.row is None else asked.row], dtype=np.int32)
        near, scores = lists.near(own) if asked.row is not None else self._listed(side, lists.k, candidates)
        gained = gain(shared(own, near, scores, lists), share)[0]
        order = np.argsort(near[0])[np.count_nonzero(near[0] == NONE) :]
        return _Gains(near[0, order].astype(np.int64), gained[order] / UNIT)

    def _listed(self, side: "_Side", k: int, candidates: Rows | None) -> tuple[Near, Parts]:
        """Return the list that a text would have among those of the rows, see `Lists.near`."""
        if candidates is None:
            candidates = self._candidates([side], k + DEPTH, None)
        rows, (found,) = self._found([side], candidates, k)
        best = np.lexsort((rows, -found.scores))[:k]
        return rows[best].astype(np.int32)[None], np.rint(found.scores[best] * UNIT).astype(np.int64)[None]

    def _cosines(self, side: "_Side", rows: Rows) -> Values:
        parts = (rows[start : start + ROWS_AT_ONCE] for start in range(0, max(1, len(rows)), ROWS_AT_ONCE))
        return np.concatenate([cosines_with(self.vectors[part], side.asked.vector) for part in parts])

    def _legs(self, side: "_Side", rows: Rows) -> tuple[Values, Values]:
        """Return the cosines of some rows, and how much of a few words they have, else 0 (n,)."""
        wants_all = side.question.wants_all
        covered = self.lexical.covered(side.question, rows) if wants_all else np.zeros(len(rows))
        return self._cosines(side, rows), covered

    def _compared(self, side: "_Side", rows: Rows, legs: tuple[Values, Values], words: Values) -> Scored:
        calibration, group, others = self.calibration, side.group, self._group[rows]
        cosine, covered = legs
        if side.question.wants_all:
            words = words * covered
        weight, stretch = (
            (1 - covered) * table[group, others] + covered * table[others, others]
            for table in (calibration.weights, calibration.stretch)
        )
        part = covered[:, None]
        both = (1 - part) * calibration.usual[group, others] + part * calibration.usual[others, others]
        usual = (1 - weight) * both[:, 0] + weight * both[:, 1]
        usual += self._hubness(side, rows)
        alone = np.round(((1 - weight) * cosine + weight * words - usual) / stretch, DECIMALS)
        gained = side.gains.of(rows)
        scores = np.round(alone + gained, DECIMALS)
        return Scored(cosine, words, usual, weight, stretch, group, others, gained, scores)

    def _hubness(self, side: "_Side", rows: Rows) -> Values:
        """Return how much more than usual one of those asked for and each of some rows are like all rows."""
        found: Values = 0.5 * (side.hubness + self.calibration.hubness[rows].astype(np.float64))
        return found

    def _found(self, sides: Sequence["_Side"], rows: Rows, k: int) -> tuple[Rows, list[Scored]]:
        """Return those of some rows, ascending, that can be among the `k` best, and how they compare exactly.

        Where words have to be looked up, that is done only of the rows that come first without.
        """
        legs = [self._legs(side, rows) for side in sides]
        n_words = sum(side.words.n_looked_up for side in sides)
        n = max(k + SPARE, LOOKED_UP // max(1, n_words))
        if n_words and len(rows) > n:
            told = [
                self._compared(side, rows, own, side.words.roughly(rows))
                for side, own in zip(sides, legs, strict=True)
            ]
            total = _total([side.asked for side in sides], told, len(rows))
            first = np.sort(np.argpartition(-total, n)[:n])
            rows, legs = rows[first], [(cosine[first], covered[first]) for cosine, covered in legs]
        found = [
            self._compared(side, rows, own, side.words.of(rows))
            for side, own in zip(sides, legs, strict=True)
        ]
        return rows, found

    def _candidates(self, sides: Sequence["_Side"], n: int, allowed: Rows | None) -> Rows:
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

    def _labels(self, sides: Sequence["_Side"], found: Sequence[Scored], rows: Rows, best: Rows) -> Rows:
        """Return the number of the highest label that the best of some rows have with any of those liked."""
        labels = np.zeros(len(best), dtype=np.int64)
        for side, compared in zip(sides, found, strict=True):
            if side.asked.weight <= 0:
                continue
            labels = np.maximum(labels, self._labels_of(side, compared, rows, best))
        return labels

    def _labels_of(self, side: "_Side", compared: Scored, rows: Rows, best: Rows) -> Rows:
        """Return the number of the label that the best of some rows have with one of those asked for.

        The words of a text are not stretched for that: what has few words in common with any paper would
        come as near as a paper.
        """
        calibration, group, others = self.calibration, compared.group, compared.others[best]
        is_title = side.question.wants_all
        if is_title or group == len(calibration.groups):
            found = calibration.labels_by_cosine(compared.cosine[best], group, others, is_title=is_title)
            return self._told_by_words(side, rows[best], found) if is_title and calibration.levels else found
        stretched = compared.words[best]
        words = stretched / side.words.factors(rows[best])
        added = compared.weight[best] * (stretched - words)
        hubness = self._hubness(side, rows[best])
        alone = compared.scores[best] - compared.shared[best]
        likeness = calibration.likeness(alone, hubness - added, group, others)
        return calibration.labels(likeness, words.__getitem__, group, others, compared.shared[best])

    def _told_by_words(self, side: "_Side", rows: Rows, labels: Rows) -> Rows:
        """Return the labels of a few words and some rows (n,) as these words allow.

        A paper that has all of them is not unrelated, whatever the vector of so little says. Where the corpus
        has papers of their language and none has any of the words, the vector is of pieces of words, and it
        is not the same topic; words of a language that no paper is in are left to the vector.
        """
        has_all = self.lexical.has_all(side.question, rows)
        told: Rows = np.where(has_all, np.maximum(labels, int(Label.SAME_FIELD)), labels)
        language = side.asked.language
        if not side.question.known and language and language in self.calibration.groups.names:
            told = np.minimum(told, int(Label.SAME_FIELD))
        return told


def _less(rows: Rows, without: Set[int]) -> Rows:
    """Return rows, each once and ascending, without some."""
    if not without:
        return rows
    left: Rows = np.setdiff1d(rows, np.fromiter(without, dtype=np.int64), assume_unique=True)
    return left


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
