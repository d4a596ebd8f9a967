"""What a site is told by whoever runs it, and its limits."""

import os
from dataclasses import dataclass, field

LARGEST_K = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may cost.

    Attributes:
        body: Bytes of a body.
        seconds: That an answer, and the arrival of a head or of a body, may take.
        threads: Answers that are computed at once.
        waiting: Answers that may wait for a thread; one more is refused.
        kept: Bytes of written answers that are kept while their build is current; 0: none.
        per_minute: Requests that one caller may make in a minute, as many of them at once; 0: no limit.
    """

    body: int = 64 * 1024
    seconds: float = 10.0
    threads: int = max(1, min(4, os.cpu_count() or 1))
    waiting: int = 128
    kept: int = 32 * 1024 * 1024
    per_minute: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How a site shows itself.

    Attributes:
        title: Its name; "": the words for similar literature in the reader's language.
        api_keys: Callers of the API must send one of these; none: nothing is asked for.
        origins: Web sites whose scripts may call the API.
        has_pages: Whether there are pages for people beside the API.
        limits: What one request may cost.
    """

    title: str = ""
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    origins: tuple[str, ...] = ()
    has_pages: bool = True
    limits: Limits = field(default_factory=Limits)
