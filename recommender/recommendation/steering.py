"""A search that is led: by several papers, filters, diversity and age."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from recommender.builds import Build, facets
from recommender.errors import PaperNotFoundError, QuestionError
from recommender.neighbour import Neighbour
from recommender.paper import FIRST_YEAR, LAST_YEAR
from recommender.ranking import Asked, spread
from recommender.recommendation.query import Filters, Query
from recommender.vectors import Rows, Values

UNLIKE = 0.5  # of what is liked
POOL, A_PLACE = 50, 5  # candidates to spread the answer over: so many, and so many for each place


def asked_for(build: Build, row: int, weight: float) -> Asked:
    """Return a paper of a build as the search takes it."""
    paper = build.papers.paper(row)
    return Asked(paper.text, build.search.vectors[row], paper.language, row, weight)


class Steered:
    """One query on one build."""

    def __init__(self, build: Build, query: Query) -> None:
        self._build = build
        self._query = query
        self._search = build.search  # the digests are compared before anything is read

    def nearest(self, asked: Sequence[Asked], k: int) -> list[Neighbour]:
        """Return the rows that answer, in the order of the answer."""
        n = max(POOL, A_PLACE * k) if self._query.diversity else k
        found = self._search.nearest(
            asked,
            n,
            allowed=self._allowed(),
            without=self._without(asked),
            worth=self._worth(),
            least=self._query.min_similarity,
        )
        return self._spread(found, k) if self._query.diversity else found

    def _without(self, asked: Sequence[Asked]) -> set[int]:
        named = {one.row for one in asked if one.row is not None}
        copies = set[int]().union(*(self._build.papers.copies_of(row) for row in named))
        return copies | {self._excluded(paper_id) for paper_id in self._query.filters.exclude}

    def _excluded(self, paper_id: str) -> int:
        row = self._build.papers.row_of(paper_id)
        if row is None:
            raise PaperNotFoundError(paper_id, self._build.manifest.build_id)
        return row

    def _allowed(self) -> Rows | None:
        """Return the rows that pass every filter, ascending; None: there is no filter."""
        filters = self._query.filters
        passing = [
            self._having(facet, names)
            for facet, names in (
                (facets.VENUE, filters.venues),
                (facets.AUTHOR, filters.authors),
                (facets.SUBJECT, filters.subjects),
                (facets.LANGUAGE, filters.languages),
            )
            if names
        ]
        if (years := _years(filters)) is not None:
            passing.append(self._build.facets.rows_of_years(*years))
        return reduce(np.intersect1d, passing) if passing else None

    def _having(self, facet: str, names: Sequence[str]) -> Rows:
        table = self._build.facets
        found = []
        for name in names:
            rows = table.rows(facet, name)
            if not len(rows):
                close = ", ".join(table.close_to(facet, name))
                message = f"no paper has the {facet} {name!r}" + (f"; some have: {close}" * bool(close))
                raise QuestionError(message, facet, name, close)
            found.append(rows)
        return np.unique(np.concatenate(found))

    def _worth(self) -> Values | None:
        """Return what the score of each row is worth at its age; None: age is no matter."""
        if self._query.half_life is None:
            return None
        years = self._build.facets.years(self._build.manifest.n_papers)
        ages = np.where(years > 0, (years.max() - years) / self._query.half_life, 1.0)
        worth: Values = 0.5**ages
        return worth

    def _spread(self, found: Sequence[Neighbour], k: int) -> list[Neighbour]:
        rows = np.array([neighbour.row for neighbour in found], dtype=np.int64)

        def likeness(place: int) -> Values:
            one = asked_for(self._build, int(rows[place]), 1.0)
            return self._search.scored(one, self._search.words_in_common(one), rows).scores

        order = spread([neighbour.score for neighbour in found], likeness, k, self._query.diversity)
        return [found[place] for place in order]


def _years(filters: Filters) -> tuple[int, int] | None:
    if filters.since is None and filters.until is None:
        return None
    first = FIRST_YEAR if filters.since is None else max(FIRST_YEAR, filters.since)
    last = LAST_YEAR if filters.until is None else min(LAST_YEAR, filters.until)
    if first > last:
        asked = "" if filters.since is None else f" from {filters.since}"
        asked += " on" if filters.until is None else f" to {filters.until}"
        raise QuestionError(f"no year lies{asked}; a year is one from {FIRST_YEAR} to {LAST_YEAR}", "years")
    return first, last
