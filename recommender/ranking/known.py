"""What papers of which people know how alike they are tell of a model, before any corpus is seen.

How alike papers of two languages are, topic for topic, cannot be told from a corpus: where its English papers
are of one field and its Chinese ones of all, two English papers are more alike for their field, not for their
language. The known papers are of the same topics in their languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from recommender.ranking.labels import SAME_WORK, KnownPairs, Levels, levels_of, pairs_of, strength_of
from recommender.vectors import Values, Vectors, cosines

USUAL_STRENGTH = 1.48  # of the vectors of the bundled fast model, see `strength_of`

Languages = tuple[str, str]  # of a pair of papers, ascending
Legs = Mapping[Languages, Values]  # the cosine and the lexical cosine of pairs of papers (2, n)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a model.

    Attributes:
        levels: What the labels go by; None: there are none.
        strength: How well the vectors tell related papers apart. Of two signs of which one parts them twice
            as far (in spreads of random pairs), that one deserves twice the weight.
        legs: Of known papers that are not one work; empty: what is usual is told by the corpus itself.
    """

    levels: Levels | None = None
    strength: float = USUAL_STRENGTH
    legs: Legs = field(default_factory=dict)

    @classmethod
    def of(cls, known: KnownPairs, papers: Vectors, titles: Vectors) -> Self:
        """Learn what there is to know from known papers.

        Args:
            known: Pairs of every grade, within a language and across.
            papers: (n, dim), the known papers.
            titles: (n, dim), the first sentence of each, which is its title.

        Raises:
            ValueError: There are no pairs of some grade.
        """
        words = _words(known)
        levels = levels_of(known, papers, titles, words)
        return cls(levels, strength_of(known, papers), _legs(known, papers, words))


def legs_of(known: KnownPairs, papers: Vectors) -> Legs:
    """Return both legs of all pairs of known papers that are not one work.

    Args:
        known: As for `Known.of`.
        papers: (n, dim), the known papers.
    """
    return _legs(known, papers, _words(known))


def _words(known: KnownPairs) -> Values:
    """Return the lexical cosines of known papers (n, n)."""
    from recommender.lexical import TermMatrix  # SciPy, which who answers a text does without

    matrix = TermMatrix.of(paper.text for paper in known.papers)
    rows = matrix.weights[np.arange(len(matrix))].astype(np.float64)
    found: Values = (rows @ rows.T).toarray()
    return found


def _legs(known: KnownPairs, papers: Vectors, words: Values) -> Legs:
    left, right, _, grades = pairs_of(known)
    kept = (left < right) & (grades != SAME_WORK)  # each pair once
    left, right = left[kept], right[kept]
    legs = np.stack([cosines(papers, left, right), words[left, right]])
    names = np.array([paper.language for paper in known.papers])
    of_pairs = np.sort(np.stack([names[left], names[right]]), axis=0)
    return {
        (str(one), str(other)): legs[:, (of_pairs[0] == one) & (of_pairs[1] == other)]
        for one, other in sorted({*zip(*of_pairs.tolist(), strict=True)})  # sums are to be the same anywhere
    }
