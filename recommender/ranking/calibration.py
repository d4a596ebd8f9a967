"""What is usual between the papers of two languages: by it two legs, and all languages, are made comparable.

Two Chinese papers share words as a Chinese and an English one never do, and a model's cosines lie higher
within a language than across. Hence, for papers i and j of the language groups a and b,

    fused    = (1 - w) · cosine + w · lexical         w: of (a, b), from each leg's spread and its share
    more     = fused - usual(a, b) - ½ (h(i) + h(j))  usual: of known papers of both languages, see `scale`
    score    = more · reach(r, r) / reach(a, b)       reach: how far the best of these go beyond it

where r is the largest group, so that in a corpus of one language nothing is stretched. The hubness h(i) is
half of how much more than usual i is like all papers of the corpus: those that are alike to everything fall
behind, as by CSLS (Conneau 2018, arXiv:1710.04087), which takes the means of the nearest alone.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import map_array, write_array
from recommender.errors import BuildError
from recommender.neighbour import Label
from recommender.ranking.groups import OTHERS, LanguageGroups
from recommender.ranking.labels import Levels, Steps, labels
from recommender.vectors import DECIMALS, Flags, Rows, Values, Vectors, distinct

PRIOR_PAPERS = 20  # of which nothing is a hub
HUBS = 0.5  # all of it would hide the papers of a corpus' main field from a text of another language
FILES = FILE, HUBNESS, CENTRES = "calibration.json", "hubness.npy", "centres.npy"
SHARES = np.concatenate([np.linspace(0, 0.98, 99), 1 - np.geomspace(0.01, 0.0001, 101)])  # of the knots


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is usual in one corpus. The last line of a table is of texts foreign to all groups.

    Attributes:
        groups: The rows by language.
        weights: (groups + 1, groups): the weight w of the words in the fused likeness.
        words_spread: The standard deviation of the lexical cosine of random pairs of one language.
        calibrated: Whether anything is taken away and stretched.
        usual: (groups + 1, groups, 2): how alike papers of two groups usually are, by vectors and by words.
        stretch: (groups + 1, groups): reach(a, b) / reach(r, r).
        knots: (groups + 1, groups, len(SHARES)): the score below which each of `SHARES` of random pairs lies.
        n_pairs: (groups + 1, groups): how many pairs the knots are of.
        hubness: (n_rows,): half of how much more than usual each row is like all.
        centres: (groups, dim): the mean vector of each group.
        levels: What the labels go by; None: there are none.
        shared: The share of what neighbours in common say in the scores, see `shared_neighbours`.
        words_worth: How much words say in texts of this size, see `fitting.words_worth`.
    """

    groups: LanguageGroups
    weights: Values
    words_spread: float
    calibrated: bool
    usual: Values
    stretch: Values
    knots: Values
    n_pairs: Values
    hubness: NDArray[np.float32]
    centres: NDArray[np.float32]
    levels: Levels | None = None
    shared: float = 0.0
    words_worth: float = 1.0

    def fused(self, cosine: Values, lexical: Values, group: int | Rows, others: Rows) -> Values:
        """Return the fused likeness of pairs (n,), given their groups."""
        weight = self.weights[group, others]
        likeness: Values = (1 - weight) * cosine + weight * lexical
        return likeness

    def usual_between(self, group: int | Rows, others: Rows) -> Values:
        """Return how alike papers of the groups of pairs usually are (n,)."""
        weight = self.weights[group, others]
        usual = self.usual[group, others]
        found: Values = (1 - weight) * usual[..., 0] + weight * usual[..., 1]
        return found

    def hubness_of(self, vectors: Vectors, group: int | Rows) -> Values:
        """Return how much more than usual texts (…, dim) of a group, or a group each, are like all papers."""
        if not self.calibrated:
            return np.zeros(vectors.shape[:-1])
        near = np.einsum("...d,gd->...g", vectors, self.centres, dtype=np.float64, optimize=False)
        return hubness(near, self.groups.sizes, self.weights[group], self.usual[group, :, 0])

    def going_on(self, groups: LanguageGroups, rows: Rows, vectors: Vectors) -> Self:
        """Return what is usual in a corpus that differs little: the same, but for the hubness of new rows.

        Args:
            groups: Of its rows; of the same languages.
            rows: The row that each has here (n,), -1 where it is new.
            vectors: Of its rows (n, dim).
        """
        hubs = np.empty(len(rows), dtype=np.float32)
        is_new = rows < 0
        hubs[~is_new] = self.hubness[rows[~is_new]]
        hubs[is_new] = np.round(self.hubness_of(vectors[is_new], groups.each()[is_new]), DECIMALS)
        return replace(self, groups=groups, hubness=hubs)

    def scores(self, fused: Values, usual: Values, group: int | Rows, others: Rows) -> Values:
        """Return the scores of pairs, rounded so that no machine can turn a rank.

        Args:
            fused: The fused likeness of each pair (n,).
            usual: What is taken away from each (n,).
            group: The group of the one side, or of each one side (n,).
            others: The group of the other side (n,).
        """
        scores: Values = np.round((fused - usual) / self.stretch[group, others], DECIMALS)
        return scores

    def similarities(self, scores: Values, group: int, others: Rows) -> Values:
        """Return the share of random pairs of the same groups that score lower (n,), in [0, 1)."""
        shares = np.zeros(len(scores))
        for other in distinct(others):
            here = others == other
            n = self.n_pairs[group, other]
            # from above, so that of knots that tie the lowest share counts
            knots = -self.knots[group, other, ::-1]
            found = np.interp(-scores[here], knots, SHARES[::-1], left=1.0, right=0.0)
            shares[here] = np.minimum(found, n / (n + 1))
        rounded: Values = np.floor(shares * 10**DECIMALS) / 10**DECIMALS
        return rounded

    def likeness(self, scores: Values, hubness: Values, group: int | Rows, others: Rows) -> Values:
        """Return how alike pairs are, whatever else the corpus holds (n,): the scores without the hubness.

        Args:
            scores: Of each pair (n,).
            hubness: The mean of both sides (n,), which was taken away.
            group: The group of the one side, or of each one side (n,).
            others: The group of the other side (n,).
        """
        found: Values = scores + hubness / self.stretch[group, others]
        return found

    def hubness_between(self, left: Rows, right: Rows) -> Values:
        """Return how much more than usual the rows of each pair are like all rows (n,)."""
        found: Values = 0.5 * (self.hubness[left].astype(np.float64) + self.hubness[right])
        return found

    def labels(
        self,
        likeness: Values,
        words: Callable[[Rows], Values],
        group: int,
        others: Rows,
        shared: Values | float = 0.0,
    ) -> Rows:
        """Return the number of the `Label` of each pair of papers (n,).

        Args:
            likeness: Of each pair (n,).
            words: Returns the lexical cosine of the pairs at some places (m,); few are asked for.
            group: The group of the one side.
            others: The group of the other side (n,).
            shared: What each gains by neighbours in common (n,): by these no two papers are near-duplicates.
        """
        found = self.topics(likeness + shared, group, others)
        found[self.versions(likeness, words, group, others)] = Label.NEAR_DUPLICATE
        found[self.translations(likeness, group, others)] = Label.NEAR_DUPLICATE
        return found

    def versions(self, likeness: Values, words: Callable[[Rows], Values], group: int, others: Rows) -> Flags:
        """Tell which pairs of papers are near-duplicates of one language (n,), see `labels`.

        They have most words in common, the shorter their texts are the more of them: two titles in the same
        wording are of two studies.
        """
        near = self._are_as_near_as_versions(likeness, group, others)
        near &= self._are_of_one_language(group, others)
        places = np.flatnonzero(near)
        if self.levels and len(places):
            near[places] = words(places) >= 1 - self.words_worth * (1 - self.levels.words)
        return near

    def translations(self, likeness: Values, group: int, others: Rows) -> Flags:
        """Tell which pairs of papers are of two languages and as near as translations (n,), see `rivals`."""
        near = self._are_as_near_as_versions(likeness, group, others)
        return near & ~self._are_of_one_language(group, others)

    def _are_as_near_as_versions(self, likeness: Values, group: int, others: Rows) -> Flags:
        if self.levels is None:
            return np.zeros(len(likeness), dtype=bool)
        own = self._are_of_one_language(group, others)
        near: Flags = labels(self.levels.papers, likeness, own) == Label.NEAR_DUPLICATE
        return near

    def topics(self, likeness: Values, group: int, others: Rows) -> Rows:
        """Return the number of the `Label` of each pair of papers (n,); of near-duplicates, the same topic.

        Args:
            likeness: Of each pair, with what it gains by neighbours in common (n,).
            group: The group of the one side.
            others: The group of the other side (n,).
        """
        if self.levels is None:
            return np.full(len(likeness), Label.UNKNOWN)
        own = self._are_of_one_language(group, others)
        return labels(self.levels.topics, likeness, own)

    def labels_by_cosine(self, cosine: Values, group: int, others: Rows, *, is_title: bool) -> Rows:
        """Return the number of the `Label` of a text, which may be a few words, and papers (n,).

        Args:
            cosine: Of the text and each paper (n,).
            group: The group of the text.
            others: The group of each paper (n,).
            is_title: Whether the text is no longer than a title.
        """
        if self.levels is None:
            return np.full(len(cosine), Label.UNKNOWN)
        steps = self.levels.titles if is_title else self.levels.texts
        return labels(steps, cosine, self._are_of_one_language(group, others))

    def _are_of_one_language(self, group: int, others: Rows) -> Flags:
        names = np.array([*self.groups.names, OTHERS])
        found: Flags = (group == others) & (names[others] != OTHERS)
        return found

    def write(self, folder: Path) -> None:
        """Write the calibration into the folder of a build."""
        content = {
            "groups": asdict(self.groups),
            "weights": self.weights.tolist(),
            "words_spread": self.words_spread,
            "calibrated": self.calibrated,
            "usual": self.usual.tolist(),
            "stretch": self.stretch.tolist(),
            "knots": self.knots.tolist(),
            "n_pairs": self.n_pairs.tolist(),
            "levels": asdict(self.levels) if self.levels else None,
            "shared": self.shared,
            "words_worth": self.words_worth,
        }
        with (folder / FILE).open("w", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        write_array(self.hubness, folder / HUBNESS)
        write_array(self.centres, folder / CENTRES)

    @classmethod
    def read(cls, folder: Path) -> "Calibration":
        """Read what `write` wrote.

        Raises:
            BuildError: A file is missing or is not of the others.
        """
        try:
            content: dict[str, Any] = json.loads((folder / FILE).read_bytes())
            groups = LanguageGroups(**{name: tuple(part) for name, part in content["groups"].items()})
            found = cls(
                groups=groups,
                weights=np.array(content["weights"], dtype=np.float64),
                words_spread=float(content["words_spread"]),
                calibrated=bool(content["calibrated"]),
                usual=np.array(content["usual"], dtype=np.float64),
                stretch=np.array(content["stretch"], dtype=np.float64),
                knots=np.array(content["knots"], dtype=np.float64),
                n_pairs=np.array(content["n_pairs"], dtype=np.float64),
                hubness=map_array(folder / HUBNESS, np.float32, 1),
                centres=map_array(folder / CENTRES, np.float32, 2),
                levels=_levels(content["levels"]) if content["levels"] else None,
                shared=float(content["shared"]),
                words_worth=float(content["words_worth"]),
            )
            table = (len(groups) + 1, len(groups))
            tables = (found.weights, found.stretch, found.n_pairs, found.usual, found.knots, found.hubness)
            shapes = [part.shape for part in tables]
            expected = [table, table, table, (*table, 2), (*table, len(SHARES)), (sum(groups.sizes),)]
            if shapes != expected or len(found.centres) != len(groups):
                raise ValueError("it is of another corpus")
            return found
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise BuildError(f"{folder / FILE} is damaged ({problem}); rebuild") from problem


def hubness(near: Values, counts: Sequence[int] | Values, weights: Values, usual: Values) -> Values:
    """Return how much more than usual texts of a group are like all papers, see `HUBS`; less if few.

    By the vectors alone: hardly any words are common to many papers.

    Args:
        near: (…, groups), the mean cosine of each text with the papers of each group.
        counts: (groups,), how many papers these are.
        weights: (…, groups), the weight of the words.
        usual: (…, groups), the cosine that is usual.
    """
    sizes = np.asarray(counts, dtype=np.float64)
    found: Values = HUBS * (((1 - weights) * (near - usual)) @ sizes) / (sizes.sum() + PRIOR_PAPERS)
    return found


def _levels(content: dict[str, Any]) -> Levels:
    topics, papers, texts, titles = (
        Steps(tuple(content[name]["within"]), tuple(content[name]["across"]))
        for name in ("topics", "papers", "texts", "titles")
    )
    return Levels(topics, papers, texts, titles, float(content["words"]))
