"""One of those asked for, beside any rows: the words in common, both legs, the score and the label."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recommender.neighbour import Label
from recommender.ranking.calibration import Calibration
from recommender.ranking.names import Name, Names
from recommender.vectors import DECIMALS, Flags, Rows, Values, Vectors, cosines_with

if TYPE_CHECKING:
    from recommender.lexical import LexicalIndex, Matches
    from recommender.lexical.index import Question

MOST_STRETCHED = 4.0
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
        names: What in its words is the name of somebody who wrote papers of the build.
    """

    text: str
    vector: Vectors
    language: str
    row: int | None = None
    weight: float = 1.0
    names: tuple[Name, ...] = ()


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
class Side:
    """One of those asked for, ready to be compared with any rows.

    Attributes:
        asked: Itself.
        question: Its words.
        words: Its lexical cosine with every row.
        group: Its group.
        hubness: Half of how much more than usual it is like all rows.
        names: Which of its words papers have by who wrote them.
    """

    asked: Asked
    question: "Question"
    words: "Matches"
    group: int
    hubness: float
    names: Names


class Comparison:
    """How rows of one build compare with what is asked for. Safe to share between threads."""

    def __init__(self, vectors: Vectors, lexical: "LexicalIndex", calibration: Calibration) -> None:
        """Take the parts of a build.

        Args:
            vectors: (n, dim).
            lexical: The words of the rows.
            calibration: What is usual between the languages.
        """
        self._vectors = vectors
        self._lexical = lexical
        self._calibration = calibration
        self._group = calibration.groups.each()

    def question(self, asked: Asked) -> "Question":
        """Return the words of one of those asked for: a paper's as its row, a few words as a request."""
        return self._lexical.request(asked.text) if asked.row is None else self._lexical.question(asked.text)

    def words_in_common(self, asked: Asked, question: "Question") -> "Matches":
        """Return the lexical cosine of one of those asked for with every row.

        That of a few words, which few papers have, hardly differs among papers. Among those of one language
        it is stretched towards the spread that papers have with each other, so that the papers with these
        words come first: of a longer text in its own language, of a few words in each, since a name or a
        formula is of none, and the papers that have the words show that these are of their language too. Who
        asks for a few words means these, however little the words of a title say of its subject.
        """
        words = self._lexical.scores(question)
        groups = self._calibration.groups
        if question.wants_all:
            for group in range(len(groups)):
                own = groups.stretch(group)
                spread = words.spread_by(own, self._lexical.coverage(question))
                self._stretch(words, own, spread, self._calibration.words_worth)
        elif asked.row is None and asked.language and asked.language in groups.names:
            own = groups.stretch(groups.names.index(asked.language))
            self._stretch(words, own, words.spread(own))
        return words

    def _stretch(self, words: "Matches", rows: range, spread: float, worth: float = 1.0) -> None:
        if spread:
            factor = min(max(self._calibration.words_spread / spread, 1.0), MOST_STRETCHED)
            words.scale(rows, factor / worth)

    def side(self, asked: Asked, question: "Question", words: "Matches") -> Side:
        """Return one of those asked for, ready to be compared."""
        groups = self._calibration.groups
        if asked.row is None:
            group = groups.group_of(asked.language)
            hubness = float(self._calibration.hubness_of(asked.vector, group))
        else:
            group, hubness = int(self._group[asked.row]), float(self._calibration.hubness[asked.row])
        return Side(asked, question, words, group, hubness, Names.of(asked.names, question))

    def _cosines(self, side: Side, rows: Rows) -> Values:
        parts = (rows[start : start + ROWS_AT_ONCE] for start in range(0, max(1, len(rows)), ROWS_AT_ONCE))
        return np.concatenate([cosines_with(self._vectors[part], side.asked.vector) for part in parts])

    def legs(self, side: Side, rows: Rows) -> tuple[Values, Values]:
        """Return the cosines of some rows, and how much of a few words they have, else 0 (n,)."""
        covered = np.zeros(len(rows))
        if side.question.wants_all:
            covered = self._lexical.covered(side.question, rows)
            covered = side.names.added(covered, rows, self._lexical)
        return self._cosines(side, rows), covered

    def scored(self, side: Side, rows: Rows, legs: tuple[Values, Values], words: Values) -> Scored:
        """Compare it with some rows, given their `legs` and lexical cosines (n,)."""
        calibration, group, others = self._calibration, side.group, self._group[rows]
        cosine, covered = legs
        if side.question.wants_all:
            words = (words + side.names.shares_of(rows)) * covered
        weight, stretch = (
            (1 - covered) * table[group, others] + covered * table[others, others]
            for table in (calibration.weights, calibration.stretch)
        )
        part = covered[:, None]
        both = (1 - part) * calibration.usual[group, others] + part * calibration.usual[others, others]
        usual = (1 - weight) * both[:, 0] + weight * both[:, 1]
        usual += self._hubness(side, rows)
        scores = np.round(((1 - weight) * cosine + weight * words - usual) / stretch, DECIMALS)
        none = np.zeros(len(rows))  # neighbours in common are not asked for yet
        return Scored(cosine, words, usual, weight, stretch, group, others, none, scores)

    def _hubness(self, side: Side, rows: Rows) -> Values:
        """Return how much more than usual one of those asked for and each of some rows are like all rows."""
        found: Values = 0.5 * (side.hubness + self._calibration.hubness[rows].astype(np.float64))
        return found

    def labels(
        self, side: Side, compared: Scored, rows: Rows, best: Rows, rivalled: Callable[[Rows], Flags]
    ) -> Rows:
        """Return the number of the label that the best of some rows have with one of those asked for.

        The words of a text are not stretched for that: what has few words in common with any paper would
        come as near as a paper.

        Args:
            side: The one asked for.
            compared: How all the rows compare with it.
            rows: These rows (n,).
            best: The places of some of them (m,).
            rivalled: Tells which of the places of some of these are no translations, see `rivals`.
        """
        calibration, group, others = self._calibration, compared.group, compared.others[best]
        is_title = side.question.wants_all
        if is_title or group == len(calibration.groups):
            found = calibration.labels_by_cosine(compared.cosine[best], group, others, is_title=is_title)
            if is_title:
                return self._told_by_words(side, rows[best], found) if calibration.levels else found
            places = np.flatnonzero(found == Label.NEAR_DUPLICATE)
            found[places[rivalled(best[places])]] = Label.SAME_TOPIC
            return found
        stretched = compared.words[best]
        words = stretched / side.words.factors(rows[best])
        added = compared.weight[best] * (stretched - words)
        hubness = self._hubness(side, rows[best])
        shared = compared.shared[best]
        likeness = calibration.likeness(compared.scores[best] - shared, hubness - added, group, others)
        found = calibration.labels(likeness, words.__getitem__, group, others, shared)
        places = np.flatnonzero(calibration.translations(likeness, group, others))
        places = places[rivalled(best[places])]
        found[places] = calibration.topics((likeness + shared)[places], group, others[places])
        return found

    def translations(self, side: Side, rows: Rows, scores: Values) -> Flags:
        """Tell which of some rows (m,) are as near to one of those asked for as translations.

        Given their scores by the texts alone (m,); of a text in a language that no paper is in the cosine
        tells it.
        """
        calibration, group, others = self._calibration, side.group, self._group[rows]
        if group == len(calibration.groups):
            found = calibration.labels_by_cosine(self._cosines(side, rows), group, others, is_title=False)
            near: Flags = found == Label.NEAR_DUPLICATE
            return near
        likeness = calibration.likeness(scores, self._hubness(side, rows), group, others)
        return calibration.translations(likeness, group, others)

    def _told_by_words(self, side: Side, rows: Rows, labels: Rows) -> Rows:
        """Return the labels of a few words and some rows (n,) as these words allow.

        A paper that has all of them, or was written by whom they name, is not unrelated, whatever the vector
        of so little says. Where the corpus has papers of their language and none has any of the words, the
        vector is of pieces of words, and it is not the same topic; words of a language that no paper is in
        are left to the vector.
        """
        is_meant = self._lexical.has_all(side.question, rows) | (side.names.shares_of(rows) > 0)
        told: Rows = np.where(is_meant, np.maximum(labels, int(Label.SAME_FIELD)), labels)
        language = side.asked.language
        if not side.question.known and language and language in self._calibration.groups.names:
            told = np.minimum(told, int(Label.SAME_FIELD))
        return told
