"""What the tools answer: as records for programs, and as text for whoever reads along."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from recommender.paper import Paper
from recommender.presentation.reasons import reason_line
from recommender.presentation.records import PaperRecord
from recommender.recommendation import Answer, Recommendation
from recommender.recommendation.explanation import Explanation
from recommender.text.numbers import share
from recommender.text.printable import printable
from recommender.writers.citations import citation_line, display_title, link_of

BEGINNING = 300  # characters of an abstract in a list; `show` has the whole


class Result(BaseModel):
    """A similar paper."""

    rank: int
    id: str
    title: str
    citation: str
    year: int | None
    language: str
    subject: str
    link: str
    score: float = Field(description="What papers are ranked by.")
    similarity: float = Field(description="Share of random pairs of papers that are less alike.")
    label: str = Field(description="near-duplicate, same topic, same field, unrelated, or empty.")
    beginning: str = Field(description="Of the abstract; show has the whole.")

    @classmethod
    def of(cls, result: Recommendation) -> "Result":
        """Return a result as a record."""
        paper = result.paper
        abstract = printable(paper.abstract)
        return cls(
            rank=result.rank, id=paper.id, title=display_title(paper), citation=citation_line(paper),
            year=paper.year, language=paper.language, subject=paper.subject, link=link_of(paper),
            score=round(result.score, 6), similarity=round(result.similarity, 6), label=result.label.words,
            beginning=abstract if len(abstract) <= BEGINNING else f"{abstract[:BEGINNING]}…",
        )  # fmt: skip

    def text(self) -> str:
        """Return the result in two lines."""
        label = f", {self.label}" if self.label else ""
        about = f"   id {self.id} · {share(self.similarity)}{label}"
        return f"{self.rank}. {self.title}\n{about} · {self.citation}".rstrip(" ·")


class Results(BaseModel):
    """Similar papers, best first."""

    build: str
    results: list[Result]

    @classmethod
    def of(cls, answer: Answer) -> "Results":
        """Return an answer as a record."""
        return cls(build=answer.build_id, results=[Result.of(result) for result in answer.results])

    def text(self) -> str:
        """Return the results as a list."""
        return "\n".join(result.text() for result in self.results) or "nothing is similar enough"


class Shown(PaperRecord):
    """A paper with every field."""

    citation: str

    @classmethod
    def of(cls, paper: Paper) -> "Shown":
        """Return a paper as a record."""
        return cls(**paper.as_dict(), citation=citation_line(paper))

    def text(self) -> str:
        """Return the paper as people read it."""
        parts = (self.title, self.citation, "; ".join(self.keywords), self.doi or self.url, self.abstract)
        return "\n\n".join(part for part in parts if part)


class Term(BaseModel):
    """A word in common, and its part of the score."""

    text: str
    part: float


class Pair(BaseModel):
    """Two sentences that say the same, and the cosine of their vectors."""

    asked: str
    found: str
    cosine: float


class Reasons(BaseModel):
    """Why a paper is similar: the first six add up to the score."""

    result: Result
    meaning: float
    words: float
    usual: float
    neighbours: float
    unlike: float
    age: float
    terms: list[Term]
    sentences: list[Pair]
    authors: list[str]
    keywords: list[str]
    venue: str
    said: str

    @classmethod
    def of(cls, answer: Answer, whys: Sequence[Explanation]) -> "Reasons":
        """Return the reasons of an answer with one paper."""
        ((result, why),) = zip(answer.results, whys, strict=True)
        numbers = ("meaning", "words", "usual", "neighbours", "unlike", "age")
        return cls(
            result=Result.of(result),
            terms=[Term(text=term.text, part=term.part) for term in why.terms],
            sentences=[Pair(asked=p.asked, found=p.found, cosine=p.cosine) for p in why.sentences],
            said=reason_line(why),
            **{name: getattr(why, name) for name in (*numbers, "authors", "keywords", "venue")},
        )

    def text(self) -> str:
        """Return the reasons in a few lines."""
        pairs = [f"“{pair.asked}” ≈ “{pair.found}” ({pair.cosine:.2f})" for pair in self.sentences]
        return "\n".join([self.result.text(), self.said, *pairs])
