"""Learning what is usual in a corpus and between its languages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np

from recommender.ranking.calibration import SHARES, Calibration, hubness
from recommender.ranking.groups import LanguageGroups
from recommender.ranking.known import USUAL_STRENGTH, Known, Legs
from recommender.ranking.labels import SAME_WORK, Levels, steps_of
from recommender.ranking.ranked import Ranked
from recommender.ranking.scale import PRIOR_PAIRS, Scale, is_one, languages_of
from recommender.ranking.shared_neighbours import UNIT, NeighbourLists, depth_of, gain, shared
from recommender.vectors import DECIMALS, Rows, Values, Vectors, cosines

if TYPE_CHECKING:
    from recommender.lexical import TermMatrix

PAIRS = 20_000  # random pairs of two groups that are looked at
ALL_PAIRS = 400_000  # of all groups together
FEWEST_PAIRS = 2_000
PRIOR_SPREADS = (0.1, 0.015)  # of cosines and of words in common, where there are no pairs to tell
NOTHING = Known()

Pair = tuple[int, int]  # of groups, the lower one first


@dataclass(frozen=True, slots=True)
class Ranking:
    """How papers are ranked.

    Attributes:
        name: What the manifest of a build calls it; it changes with the order that it gives.
        lexical: The share of the words in the spread of the fused score, in [0, 1], beside a model whose
            vectors tell related papers apart as `USUAL_STRENGTH` says; less in short texts (`words_worth`).
        across: What part of that share the words have between two languages, in [0, 1].
        calibrated: Whether what is usual is taken away and languages are put on one scale.
        shared: The share of what neighbours in common say, see `shared_neighbours`.
    """

    name: str
    lexical: float
    across: float
    calibrated: bool
    shared: float = 0.0


# measured, see models/README.md
FUSED = Ranking(name="fused 6", lexical=0.3, across=0.25, calibrated=True, shared=0.25)
COSINE = Ranking(name="cosine", lexical=0.0, across=0.0, calibrated=False)  # the vectors alone
TITLE, ABSTRACT = 12.0, 60.0  # distinct words
IN_TITLES = 0.4  # of what words say in abstracts


def words_worth(sizes: Values) -> float:
    """Return how much words say in texts of these sizes, in distinct words (n,); in abstracts 1.

    Two titles hardly ever share a word, and those that share one need not be about the same: the spread of
    their lexical cosine is of few pairs that stick out. Measured in models/README.md.

    >>> words_worth(np.array([7.0])), round(words_worth(np.array([12.0, 60.0, 200.0])), 3)
    (0.4, 0.8)
    """
    if not len(sizes):
        return 1.0
    grown = np.log(np.maximum(sizes, 1.0) / TITLE) / np.log(ABSTRACT / TITLE)
    return float(np.mean(IN_TITLES + (1 - IN_TITLES) * np.clip(grown, 0.0, 1.0)))


def fit(
    vectors: Vectors,
    matrix: "TermMatrix",
    groups: LanguageGroups,
    ranking: Ranking = FUSED,
    known: Known = NOTHING,
    worth: float = 1.0,
) -> Calibration:
    """Return what is usual in a corpus; the same rows give the same calibration.

    Args:
        vectors: (n_rows, dim), in the order of the groups.
        matrix: The words of the same rows.
        groups: Which rows are of which language.
        ranking: How papers are to be ranked.
        known: What is known of the model. Languages are put on one scale by its pairs of papers; if it has
            none, by random pairs of the corpus.
        worth: How much words say in texts of this size, see `words_worth`.
    """
    samples = _samples(groups)
    legs = {
        pair: np.stack([cosines(vectors, *rows), matrix.similarities(*rows)])
        for pair, rows in samples.items()
    }
    spreads = _spreads(legs)
    weights = _weights(spreads, groups, ranking, known.strength / USUAL_STRENGTH / worth)
    centres = _centres(vectors, groups)
    names = {(a, b): languages_of(groups.names[a], groups.names[b]) for a, b in samples}
    told: Legs = {}
    if ranking.calibrated:
        told = known.legs or {names[pair]: values for pair, values in legs.items()}
    scale = Scale.of(told, within=weights[0, 0], across=weights[-1, 0])
    usual = {pair: scale.usual(languages) for pair, languages in names.items()}
    largest = groups.names[int(np.argmax(groups.sizes))]
    unit = scale.reach(languages_of(largest, largest))
    stretch = {pair: scale.reach(languages) / unit for pair, languages in names.items()}
    means = _table(groups, lambda pairs: np.mean([usual[pair] for pair in pairs], axis=0))
    hubs = np.zeros(len(vectors))
    if ranking.calibrated:
        hubs = _hubs(vectors, groups, centres, weights, means[..., 0])
    scores = {}
    for pair, (left, right) in samples.items():
        more = _mixture(weights[pair]) @ (legs[pair] - usual[pair][:, None])
        scores[pair] = np.sort((more - 0.5 * (hubs[left] + hubs[right])) / stretch[pair])
    return Calibration(
        groups=groups,
        weights=weights,
        words_spread=float(spreads[1]),
        calibrated=ranking.calibrated,
        usual=means,
        stretch=_table(groups, lambda pairs: np.mean([stretch[pair] for pair in pairs])),
        knots=_table(groups, lambda pairs: _knots(scores, pairs)),
        n_pairs=_table(groups, lambda pairs: sum(len(scores[pair]) for pair in pairs)),
        hubness=hubs.astype(np.float32),
        centres=centres.astype(np.float32),
        levels=_levels(known, scale, unit, ranking.shared),
        shared=ranking.shared,
        words_worth=worth,
    )


def _levels(known: Known, scale: Scale, unit: float, share: float) -> Levels | None:
    """Return what the labels go by: the known pairs, compared as those of the corpus are."""
    if known.texts is None or known.titles is None:
        return None
    near = [
        scale.beyond_usual(languages, pairs.legs) / (scale.reach(languages) / unit)
        for languages, pairs in known.pairs.items()
    ]
    likeness = np.concatenate(near)
    left, right = np.hstack([pairs.papers for pairs in known.pairs.values()])
    own = np.repeat([*map(is_one, known.pairs)], [*map(len, near)])
    grades = np.concatenate([pairs.grades for pairs in known.pairs.values()])
    gained = _gains(left, right, likeness, share)
    there, back = (likeness + gained[pair] for pair in ((left, right), (right, left)))
    topics = steps_of(np.hstack([there, back]), np.tile(own, 2), np.tile(grades, 2), highest=SAME_WORK - 1)
    return Levels(topics, steps_of(likeness, own, grades), known.texts, known.titles, known.words)


def _gains(left: Rows, right: Rows, likeness: Values, share: float) -> Values:
    """Return what pairs of known papers, each once, gain by neighbours in common (n_papers, n_papers)."""
    n = int(max(left.max(), right.max())) + 1
    scores = np.full((n, n), -np.inf)
    scores[left, right] = scores[right, left] = np.round(likeness, DECIMALS)
    k = depth_of(n, n)
    near = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    best = np.take_along_axis(scores, near, axis=1)
    lists = NeighbourLists.of(
        n, k, [Ranked(np.arange(n), np.full(n, k), near, best, np.zeros_like(near))], None
    )
    asked = np.arange(n, dtype=np.int32)
    found = np.zeros((n, n))
    np.put_along_axis(found, near, gain(shared(asked, *lists.near(asked), lists), share) / UNIT, axis=1)
    return found


def _samples(groups: LanguageGroups) -> dict[Pair, tuple[Rows, Rows]]:
    """Draw random pairs of different rows for every pair of groups; all of them where there are few."""
    pairs = [*combinations_with_replacement(range(len(groups)), 2)]
    wanted = max(FEWEST_PAIRS, min(PAIRS, ALL_PAIRS // len(pairs)))
    chance = np.random.default_rng(0)
    found = {}
    for a, b in pairs:
        ours, others = groups.rows(a), groups.rows(b)
        if len(ours) * len(others) <= 2 * wanted:
            left, right = (grid.ravel() for grid in np.meshgrid(ours, others, indexing="ij"))
            kept = left < right if a == b else left != right
        else:
            left, right = (chance.choice(rows, wanted) for rows in (ours, others))
            kept = left != right
        found[a, b] = (left[kept], right[kept])
    return found


def _spreads(legs: Mapping[Pair, Values]) -> Values:
    """Return the standard deviation (2,) of each leg among random pairs of one language."""
    within = [values for (a, b), values in legs.items() if a == b]
    n = PRIOR_PAIRS + sum(values.shape[1] for values in within)
    squares = PRIOR_PAIRS * np.square(PRIOR_SPREADS)
    for values in within:
        if values.size:
            squares = squares + np.sum((values - values.mean(axis=1, keepdims=True)) ** 2, axis=1)
    spreads: Values = np.sqrt(squares / n)
    return spreads


def _weights(spreads: Values, groups: LanguageGroups, ranking: Ranking, relative: float) -> Values:
    """Return the weights (groups + 1, groups) of the words that give them their share of the spread.

    `relative` is how strong the vectors are beside the words, if usually both are as strong.
    """
    cosine, words = spreads
    own, others = (
        float(share * cosine / (share * cosine + (1 - share) * relative * words))
        for share in (ranking.lexical, ranking.across * ranking.lexical)
    )
    return np.where(np.eye(len(groups) + 1, len(groups), dtype=bool), own, others)


def _mixture(weight: float) -> Values:
    return np.array([1 - weight, weight])


def _centres(vectors: Vectors, groups: LanguageGroups) -> Values:
    """Return the mean vector of each group (groups, dim)."""
    stretches = [groups.stretch(group) for group in range(len(groups))]
    return np.stack([vectors[own.start : own.stop].mean(axis=0, dtype=np.float64) for own in stretches])


def _hubs(
    vectors: Vectors, groups: LanguageGroups, centres: Values, weights: Values, usual: Values
) -> Values:
    """Return how much more than usual each row is like all others (n_rows,), see `calibration.hubness`."""
    found = np.zeros(len(vectors))
    sizes = np.array(groups.sizes, dtype=np.float64)
    for group in range(len(groups)):
        stretch = groups.stretch(group)
        own = vectors[stretch.start : stretch.stop]
        near = np.einsum("nd,gd->ng", own, centres, dtype=np.float64, optimize=False)
        others = sizes - (np.arange(len(groups)) == group)  # a row is not among those that it is like
        near[:, group] = (sizes[group] * near[:, group] - 1) / max(others[group], 1)
        found[stretch.start : stretch.stop] = hubness(near, others, weights[group], usual[group])
    return np.round(found, DECIMALS)


def _knots(scores: Mapping[Pair, Values], pairs: list[Pair]) -> Values:
    values = np.concatenate([scores[pair] for pair in pairs])
    return np.round(np.quantile(values, SHARES), DECIMALS) if len(values) else np.zeros(len(SHARES))


def _table(groups: LanguageGroups, value: Callable[[list[Pair]], object]) -> Values:
    """Return (groups + 1, groups, …) values: of each pair, and in the last line of a foreign text with each.

    To a foreign text a group is what it is to the other groups; where there are none, to itself.
    """
    numbers = range(len(groups))
    lines = [[[(min(a, b), max(a, b))] for b in numbers] for a in numbers]
    foreign = [[(min(a, b), max(a, b)) for a in numbers if a != b] or [(b, b)] for b in numbers]
    return np.array([[value(pairs) for pairs in line] for line in [*lines, foreign]], dtype=np.float64)
