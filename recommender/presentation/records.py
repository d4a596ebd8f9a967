"""A paper as it is described to other programs, by the API and to assistants."""

from pydantic import BaseModel


class PaperRecord(BaseModel):
    """A paper as its record has it."""

    id: str
    title: str
    abstract: str
    authors: list[str]
    venue: str
    year: int | None
    volume: str
    issue: str
    pages: str
    doi: str
    url: str
    keywords: list[str]
    language: str
    subject: str
