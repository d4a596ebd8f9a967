"""What a build is made of: records that may lie on the disk, and the order that they get."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from sys import intern
from typing import Protocol

import numpy as np

from recommender.digests import Digests
from recommender.paper import Heading, Paper
from recommender.ranking.groups import arranged
from recommender.vectors import Rows

AT_ONCE = 1_000  # records in a batch


class Papers(Protocol):
    """Records in a fixed order, in memory or on the disk; ids are distinct."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Paper]: ...

    def headings(self) -> Iterator[Heading]:
        """Yield what is known of every record, blank ones among them, without its text."""
        ...

    def batches(self, places: Rows) -> Iterator[Iterable[Paper]]:
        """Yield the records at some places in that order, some at a time, ready to be read by any process."""
        ...

    def digests(self, places: Rows) -> Digests | None:
        """Return the digests of whole records (n, 32); None: they are known of none.

        Two records with one digest are the same in every field, their ids among them.
        """
        ...


class HeldPapers(tuple[Paper, ...]):
    """Records in memory."""

    __slots__ = ()

    def headings(self) -> Iterator[Heading]:
        """Yield what is known of every record."""
        for paper in self:
            yield Heading(paper.id, paper.language, paper.is_blank)

    def batches(self, places: Rows) -> Iterator[Iterable[Paper]]:
        """Yield the records at some places, some at a time."""
        for start in range(0, len(places), AT_ONCE):
            yield [self[place] for place in places[start : start + AT_ONCE].tolist()]

    def digests(self, places: Rows) -> None:
        """Tell none: they are read as fast as they could be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """What a build is made of.

    Attributes:
        papers: Every record.
        rejected: Why records that never became a paper were rejected, by id where they had one.
        n_rejected: How many were rejected, those without an id among them.
        digest: Names exactly these records.
        origin: Where they come from, as the manifest says it.
    """

    papers: Papers
    rejected: Mapping[str, str]
    n_rejected: int
    digest: str
    origin: str

    def answerable(self) -> "Answerable":
        """Return the papers that have a text, in the order of a build's rows: by language, then by id."""
        ids, languages, places = [], [], []
        reasons = {
            paper_id: f"it was rejected on import ({reason})" for paper_id, reason in self.rejected.items()
        }
        for place, (paper_id, language, is_blank) in enumerate(self.papers.headings()):
            reasons.pop(paper_id, None)
            if is_blank:
                reasons[paper_id] = (
                    "it has neither title nor abstract in its source, so there is nothing to compare"
                )
            else:
                ids.append(paper_id)
                languages.append(intern(language))
                places.append(place)
        order = arranged(languages, ids)
        return Answerable(
            papers=self.papers,
            places=np.array(places, dtype=np.int64)[order],
            languages=[languages[place] for place in order],
            unanswerable=reasons,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerable:
    """The papers of a corpus that can be answered, in the order of a build's rows.

    Attributes:
        papers: All of the corpus.
        places: Where each stands among them (n,).
        languages: Of each.
        unanswerable: Why each known id that is none of these cannot be answered.
    """

    papers: Papers
    places: Rows
    languages: Sequence[str]
    unanswerable: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Paper]:
        return chain.from_iterable(self.batches())

    def batches(self, rows: Rows | None = None) -> Iterator[Iterable[Paper]]:
        """Yield them, or those of some rows, some at a time, ready to be read by any process."""
        return self.papers.batches(self.places if rows is None else self.places[rows])

    def digests(self) -> Digests | None:
        """Return the digests of their whole records (n, 32); None: they are known of none."""
        return self.papers.digests(self.places)
