"""Learning from random pairs of a corpus what is usual between its languages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np

from recommender.ranking.calibration import SHARES, Calibration, shrunk
from recommender.ranking.groups import LanguageGroups
from recommender.ranking.labels import Levels
from recommender.vectors import DECIMALS, Rows, Values, Vectors, cosines

if TYPE_CHECKING:
    from recommender.lexical import TermMatrix

PAIRS = 20_000  # random pairs of two groups that are looked at
ALL_PAIRS = 400_000  # of all groups together
FEWEST_PAIRS = 2_000
REACH = 0.995
SMALLEST_REACH = 1e-3  # of scores in [-1, 1]: nothing is stretched without end
USUAL_STRENGTH = 1.48  # of the vectors of the bundled fast model, see `strength_of`
PRIOR_PAIRS = 200  # so many pairs weigh what is assumed beforehand
PRIOR_SPREADS = (0.1, 0.015)  # of cosines and of words in common, where there are no pairs to tell
GROUPS_AT_ONCE = 8  # whose mean words, dense, are held in memory

Pair = tuple[int, int]  # of groups, the lower one first


@dataclass(frozen=True, slots=True)
class Ranking:
    """How papers are ranked.

    Attributes:
        name: What the manifest of a build calls it; it changes with the order that it gives.
        lexical: The share of the words in the spread of the fused score, in [0, 1], beside a model whose
            vectors tell related papers apart as `USUAL_STRENGTH` says.
        across: What part of that share the words have between two languages, in [0, 1].
        calibrated: Whether what is usual is taken away and languages are put on one scale.
    """

    name: str
    lexical: float
    across: float
    calibrated: bool


FUSED = Ranking(name="fused 2", lexical=0.3, across=0.25, calibrated=True)  # measured, see models/README.md
COSINE = Ranking(name="cosine", lexical=0.0, across=0.0, calibrated=False)  # the vectors alone


def fit(
    vectors: Vectors,
    matrix: "TermMatrix",
    groups: LanguageGroups,
    ranking: Ranking = FUSED,
    levels: Levels | None = None,
    strength: float = USUAL_STRENGTH,
) -> Calibration:
    """Return what is usual in a corpus; the same rows give the same calibration.

    Args:
        vectors: (n_rows, dim), in the order of the groups.
        matrix: The words of the same rows.
        groups: Which rows are of which language.
        ranking: How papers are to be ranked.
        levels: What the labels go by.
        strength: How well the vectors tell related papers apart. Of two signs of which one parts them
            twice as far (in spreads of random pairs), that one deserves twice the weight.
    """
    samples = _samples(groups)
    legs = {
        pair: np.stack([cosines(vectors, *rows), matrix.similarities(*rows)])
        for pair, rows in samples.items()
    }
    spreads = _spreads(legs)
    weights = _weights(spreads, groups, ranking, strength / USUAL_STRENGTH)
    centred = {pair: _mixture(weights[pair]) @ values for pair, values in legs.items()}
    centres = _centres(vectors, groups)
    usual = np.zeros((len(vectors), len(groups)))
    stretch = dict.fromkeys(samples, 1.0)
    if ranking.calibrated:
        usual = _usual(vectors, matrix, groups, weights, centres)
        each = groups.each()
        for pair, (left, right) in samples.items():
            centred[pair] -= 0.5 * (usual[left, each[right]] + usual[right, each[left]])
        reach = _reach(centred)
        largest = int(np.argmax(groups.sizes))
        stretch = {pair: value / reach[largest, largest] for pair, value in reach.items()}
    scores = {pair: np.sort(values / stretch[pair]) for pair, values in centred.items()}
    return Calibration(
        groups=groups,
        weights=weights,
        words_spread=float(spreads[1]),
        calibrated=ranking.calibrated,
        stretch=_table(groups, lambda pairs: np.mean([stretch[pair] for pair in pairs])),
        knots=_table(groups, lambda pairs: _knots(scores, pairs)),
        n_pairs=_table(groups, lambda pairs: sum(len(scores[pair]) for pair in pairs)),
        usual=usual.astype(np.float32),
        centres=centres.astype(np.float32),
        levels=levels,
    )


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

    `relative` is how strong the vectors are beside the usual strength.
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


def _usual(
    vectors: Vectors, matrix: "TermMatrix", groups: LanguageGroups, weights: Values, centres: Values
) -> Values:
    """Return the mean fused likeness of each row with each group (n_rows, groups), itself left out."""
    each = groups.each()
    stretches = [groups.stretch(group) for group in range(len(groups))]
    means = np.zeros((len(vectors), len(groups)))
    for start in range(0, len(groups), GROUPS_AT_ONCE):
        some = slice(start, start + GROUPS_AT_ONCE)
        means[:, some] = matrix.products(np.stack([*map(matrix.centre, stretches[some])], axis=1))
    have_terms = matrix.have_terms()
    for group, stretch in enumerate(stretches):
        near = np.einsum("nd,d->n", vectors, centres[group], dtype=np.float64, optimize=False)
        weight = weights[each, group]
        means[:, group] = (1 - weight) * near + weight * means[:, group]
        own = slice(stretch.start, stretch.stop)
        itself = (1 - weight[own]) + weight[own] * have_terms[own]
        n = len(stretch)
        means[own, group] = (n * means[own, group] - itself) / max(n - 1, 1) * (n > 1)
    between = np.stack([means[own.start : own.stop].mean(axis=0) for own in stretches])
    for group in np.flatnonzero(np.array(groups.sizes) == 1).tolist():
        # a lone paper has no pairs with its own group; without any usual likeness it would be near to all
        between[group, group] = np.delete(between[group], group).mean() if len(groups) > 1 else 0.0
    for group, rows in enumerate(stretches):
        counts = np.array(groups.sizes, dtype=np.float64) - (np.arange(len(groups)) == group)
        part = means[rows.start : rows.stop]
        part[:] = np.round(shrunk(part, counts, between[group]), DECIMALS)
    return means


def _reach(centred: Mapping[Pair, Values]) -> dict[Pair, float]:
    """Return the 99.5th percentile of every pair of groups; where pairs are few, nearer to its kind's."""
    found = {pair: np.quantile(values, REACH) for pair, values in centred.items() if len(values)}
    reach = {}
    for pair, values in centred.items():
        kind = [other for other in found if (other[0] == other[1]) == (pair[0] == pair[1])]
        counts = [len(centred[other]) for other in kind]
        pool = np.average([found[other] for other in kind], weights=counts) if kind else 1.0
        n = len(values)
        own = (n * found.get(pair, 0.0) + PRIOR_PAIRS * pool) / (n + PRIOR_PAIRS)
        reach[pair] = max(float(own), SMALLEST_REACH)
    return reach


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
