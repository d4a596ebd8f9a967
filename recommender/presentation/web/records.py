"""What the API answers, as its description names it. Replies are written elsewhere, and tested against it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from recommender.presentation.records import PaperRecord


class FullPaperRecord(PaperRecord):
    """A paper with the lines it is named by."""

    model_config = ConfigDict(extra="forbid")

    display_title: str
    citation: str


class ResultRecord(PaperRecord):
    """A similar paper; `why` only where it was asked for."""

    model_config = ConfigDict(extra="forbid")

    rank: int
    score: float
    similarity: float
    label: str | None
    display_title: str
    citation: str
    why: dict[str, Any] = Field(default={})


class AnswerRecord(BaseModel):
    """Similar papers, best first."""

    model_config = ConfigDict(extra="forbid")

    build: str
    query: PaperRecord | None
    asked: dict[str, Any] = {}
    results: list[ResultRecord]


class PairRecord(BaseModel):
    """Two papers that are one work."""

    one: str
    other: str
    kind: str
    containment: float
    score: float
    differs: list[str]


class GroupRecord(BaseModel):
    """Papers that are one work."""

    papers: list[PaperRecord]
    pairs: list[PairRecord]


class DuplicatesRecord(BaseModel):
    """All groups of a build."""

    build: str
    groups: list[GroupRecord]


class NewRecord(BaseModel):
    """A new paper; rank, score, similarity, label and followed only where papers are followed."""

    id: str
    title: str
    display_title: str
    citation: str


class NewsRecord(BaseModel):
    """Papers that are new, and since when."""

    build: str
    since: str | None
    follow: list[str]
    updated: str
    entered: int
    results: list[NewRecord]


class StateRecord(BaseModel):
    """Whether the server can answer."""

    status: str
    build: str | None = None


class ProblemRecord(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] = []
