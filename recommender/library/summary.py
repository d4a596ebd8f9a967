"""What a library holds, counted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSummary:
    """What the library holds from one source, and when that was imported last."""

    name: str
    format: str
    imported_at: datetime
    n_papers: int
    n_rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LibrarySummary:
    """What the library holds.

    Attributes:
        n_papers: All of them, the blank ones included.
        languages: Number of papers by language, the most frequent first; "" is unknown.
        sources: In the order of their first import.
        imported_at: Time of the last import, None where there was none.
    """

    n_papers: int
    n_blank: int
    n_rejected: int
    languages: Mapping[str, int]
    sources: tuple[SourceSummary, ...]
    imported_at: datetime | None

    @classmethod
    def of(
        cls,
        papers: Iterable[tuple[int, str, int, int]],
        rejected: Mapping[int, int],
        sources: Mapping[int, tuple[str, str, datetime]],
    ) -> Self:
        """Sum up what was counted.

        Args:
            papers: Number of the source, language, whether they are blank, how many.
            rejected: How many records of each source were rejected, by its number.
            sources: Name, format and time of the last import of each, by its number.
        """
        n_blank, by_source, languages = 0, Counter[int](), Counter[str]()
        for number, language, is_blank, count in papers:
            by_source[number] += count
            languages[language] += count
            n_blank += count if is_blank else 0
        return cls(
            n_papers=by_source.total(),
            n_blank=n_blank,
            n_rejected=sum(rejected.values()),
            languages=dict(languages.most_common()),
            sources=tuple(
                SourceSummary(
                    name=name,
                    format=kind,
                    imported_at=imported_at,
                    n_papers=by_source[number],
                    n_rejected=rejected.get(number, 0),
                )
                for number, (name, kind, imported_at) in sources.items()
            ),
            imported_at=max((imported_at for *_, imported_at in sources.values()), default=None),
        )
