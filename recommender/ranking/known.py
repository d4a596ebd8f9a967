"""What papers of which people know how alike they are tell of a model, before any corpus is seen.

How alike papers of two languages are, topic for topic, cannot be told from a corpus: where its English papers
are of one field and its Chinese ones of all, two English papers are more alike for their field, not for their
language. The known papers are of the same topics in their languages.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np

from recommender.ranking.labels import (
    SAME_WORK,
    KnownPairs,
    Steps,
    pairs_of,
    steps_of,
    strength_of,
    words_of_versions,
)
from recommender.text.sentences import sentences
from recommender.vectors import DECIMALS, Rows, Values, Vectors, cosines

USUAL_STRENGTH = 1.48  # of the vectors of the bundled fast model, see `strength_of`

Languages = tuple[str, str]  # of a pair of papers, ascending
Legs = Mapping[Languages, Values]  # the cosine and the lexical cosine of pairs of papers (2, n)


class Graded(NamedTuple):
    """Pairs of known papers: which two (2, n), both legs of each (2, n), and its grade (n,)."""

    papers: Rows
    legs: Values
    grades: Rows


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a model.

    Attributes:
        texts: The cosines from which on a text gets its labels; None: there are no labels.
        titles: Likewise, a title.
        words: The lexical cosine that near-duplicates of one language have at least.
        strength: How well the vectors tell related papers apart. Of two signs of which one parts them twice
            as far (in spreads of random pairs), that one deserves twice the weight.
        pairs: Of known papers; empty: what is usual is told by the corpus itself.
    """

    texts: Steps | None = None
    titles: Steps | None = None
    words: float = 0.0
    strength: float = USUAL_STRENGTH
    pairs: Mapping[Languages, Graded] = field(default_factory=dict)

    @property
    def legs(self) -> Legs:
        """The legs of pairs that are not one work."""
        return {
            languages: legs[:, grades != SAME_WORK] for languages, (_, legs, grades) in self.pairs.items()
        }

    @classmethod
    def learnt(cls, known: KnownPairs | None, encode: Callable[[Sequence[str]], Vectors]) -> Self:
        """Learn from known papers what there is to know of a model, nothing if there are none.

        Args:
            known: Pairs of every grade, within a language and across.
            encode: The model; each known paper is embedded once, and its title.

        Raises:
            ValueError: There are no pairs of some grade.
        """
        if known is None:
            return cls()
        papers = [paper.text for paper in known.papers]
        titles = [sentences(text)[0] for text in papers]
        return cls.of(known, *np.split(encode([*papers, *titles]), 2))

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
        left, right, own, grades = pairs_of(known)

        def steps(one: Vectors, highest: int) -> Steps:
            near = np.round(one @ papers.T, DECIMALS).astype(np.float64)
            return steps_of(near[left, right], own, grades, highest=highest)

        return cls(
            steps(papers, SAME_WORK),
            steps(titles, SAME_WORK - 1),
            words_of_versions(words[left, right], own, grades),
            strength_of(known, papers),
            _graded(known, papers, words),
        )


def _words(known: KnownPairs) -> Values:
    """Return the lexical cosines of known papers (n, n)."""
    from recommender.lexical import TermMatrix  # SciPy, which who answers a text does without

    matrix = TermMatrix.of(paper.text for paper in known.papers)
    rows = matrix.weights[np.arange(len(matrix))].astype(np.float64)
    found: Values = (rows @ rows.T).toarray()
    return found


def _graded(known: KnownPairs, papers: Vectors, words: Values) -> Mapping[Languages, Graded]:
    """Return both legs and the grades of all pairs of known papers, by their languages."""
    left, right, _, grades = pairs_of(known)
    once = left < right
    left, right, grades = left[once], right[once], grades[once]
    legs = np.stack([cosines(papers, left, right), words[left, right]])
    names = np.array([paper.language for paper in known.papers])
    of_pairs = np.sort(np.stack([names[left], names[right]]), axis=0)
    found = {}
    for one, other in sorted({*zip(*of_pairs.tolist(), strict=True)}):  # sums are to be the same anywhere
        here = (of_pairs[0] == one) & (of_pairs[1] == other)
        papers_of = np.stack([left[here], right[here]])
        found[str(one), str(other)] = Graded(papers_of, legs[:, here], grades[here])
    return found
