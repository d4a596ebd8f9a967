"""What became of the pairs of every stream: how many were kept, how many refused, and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from recommender.errors import UsageError


class Bounds(Protocol):
    """How much of a stream may be refused, and of which family of streams that was said."""

    @property
    def family(self) -> str: ...

    @property
    def max_refused(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Tally:
    """The pairs of one stream: `refused` counts them by reason."""

    name: str
    kept: int
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def n_refused(self) -> int:
        """All that were refused, for whatever reason."""
        return sum(self.refused.values())

    @property
    def share_refused(self) -> float:
        """The share of what was read; 0 of a stream without any pair."""
        return self.n_refused / max(1, self.kept + self.n_refused)


def by_kind(tallies: Sequence[Tally]) -> list[Tally]:
    """Add up the streams whose names begin alike, most pairs first: `word/de` and `word/fr` are `word`.

    >>> by_kind([Tally("word/de", 2, {"empty side": 1}), Tally("word/fr", 3)])
    [Tally(name='word', kept=5, refused={'empty side': 1})]
    """
    kept, refused = Counter[str](), dict[str, Counter[str]]()
    for tally in tallies:
        kind = tally.name.partition("/")[0]
        kept[kind] += tally.kept
        refused.setdefault(kind, Counter()).update(tally.refused)
    return [Tally(kind, count, dict(refused[kind])) for kind, count in kept.most_common()]


def as_markdown(tallies: Sequence[Tally]) -> str:
    """Return a table of the streams: kept, refused, and a column for each reason that occurs."""
    total = Tally("all", sum(tally.kept for tally in tallies), _summed(tallies))
    reasons = [reason for reason, _ in Counter(total.refused).most_common()]
    lines = [
        f"| {' | '.join(['stream', 'kept', 'refused', *reasons])} |",
        f"|---|{'--:|' * (2 + len(reasons))}",
    ]
    for tally in [*tallies, total]:
        counts = (f"{tally.refused.get(reason, 0):,}" for reason in reasons)
        refused = f"{tally.n_refused:,} ({tally.share_refused:.1%})"
        lines.append(f"| {' | '.join([tally.name, f'{tally.kept:,}', refused, *counts])} |")
    return "\n".join(lines) + "\n"


def refuse_spoilt(tallies: Sequence[Tally], bounds: Mapping[str, Bounds]) -> None:
    """End the run if more of a stream was refused than is allowed.

    Args:
        tallies: What became of the streams.
        bounds: What is allowed, by name of the stream.

    Raises:
        UsageError: Too much was refused, and the message says of what and why.
    """
    spoilt = [tally for tally in tallies if tally.share_refused > bounds[tally.name].max_refused]
    if spoilt:
        said = "; ".join(f"{tally.name} {tally.share_refused:.0%} ({_reasons(tally)})" for tally in spoilt)
        families = ", ".join(dict.fromkeys(repr(bounds[tally.name].family) for tally in spoilt))
        raise UsageError(
            f"too many pairs are bad: {said}; repair or leave out the data, or allow it by max_refused in"
            f" the recipe's stream {families}"
        )


def _summed(tallies: Sequence[Tally]) -> Mapping[str, int]:
    total = Counter[str]()
    for tally in tallies:
        total.update(tally.refused)
    return total


def _reasons(tally: Tally) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in Counter(tally.refused).most_common())
