"""Questions as they come in addresses and bodies, and the queries they mean."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from recommender.paper import FIRST_YEAR, LAST_YEAR
from recommender.presentation.named import ids_of
from recommender.presentation.web.site import LARGEST_K
from recommender.recommendation import Filters, Query
from recommender.recommendation.recommender import read
from recommender.writers import WRITERS

LONGEST_TEXT = 20_000  # characters
Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Names = Annotated[list[Name], Field(max_length=50)]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]


class Order(BaseModel):
    """How answers are ordered and how many there are."""

    model_config = ConfigDict(extra="forbid")

    diversity: Share = Field(default=0.0, description="Less of what is like a paper already in the list.")
    half_life: float | None = Field(
        default=None,
        gt=0,
        le=1000,
        allow_inf_nan=False,
        description="Years in which a score falls to a half.",
    )
    min_similarity: Share = Field(default=0.0, description="Leave out what is less similar.")
    k: int = Field(default=10, ge=1, le=LARGEST_K, description="How many papers at most.")
    why: bool = Field(default=False, description="Say why each paper is similar.")


class Led(Order):
    """A question in an address, but for what the papers shall be similar to; names may be repeated."""

    unlike: Names = Field(default=[], description="Ids; papers like these fall back.")
    since: Year | None = Field(default=None, description="Not published before.")
    until: Year | None = Field(default=None, description="Not published after.")
    venue: Names = Field(default=[], description="Of any of these journals.")
    author: Names = Field(default=[], description="By any of these authors.")
    subject: Names = Field(default=[], description="Of any of these subjects.")
    language: Names = Field(default=[], description="In any of these languages, as ISO 639-1 codes.")
    lang: Names = Field(default=[], description="The same as `language`, and added to it.")
    exclude: Names = Field(default=[], description="Ids of papers to leave out.")

    def query(self, like: list[str], text: str = "") -> Query:
        """Return what is asked for.

        Raises:
            UsageError: Nothing is, or it cannot be read.
        """
        return Query(
            like=ids_of(like),
            text=read(text) if text.strip() else "",
            unlike=ids_of(self.unlike),
            filters=Filters(
                since=self.since,
                until=self.until,
                venues=tuple(self.venue),
                authors=tuple(self.author),
                subjects=tuple(self.subject),
                languages=tuple(dict.fromkeys([*self.language, *self.lang])),
                exclude=ids_of(self.exclude),
            ),
            diversity=self.diversity,
            half_life=self.half_life,
            min_similarity=self.min_similarity,
        )


class Similar(Led):
    """`GET /papers/{id}/similar`."""

    format: str = Field(
        default="json",
        description="How to write the answer.",
        json_schema_extra={"enum": [writer.name for writer in WRITERS]},
    )


class Search(Similar):
    """`GET /search`."""

    q: Text = Field(
        default=..., min_length=1, description="A few words, names of authors too, or an abstract."
    )
    like: Names = Field(default=[], description="Ids of papers to be similar to as well.")


class Only(BaseModel):
    """The filters of a body."""

    model_config = ConfigDict(extra="forbid")

    since: Year | None = None
    until: Year | None = None
    venues: Names = Field(default=[])
    authors: Names = Field(default=[])
    subjects: Names = Field(default=[])
    languages: Names = Field(default=[])
    exclude: Names = Field(default=[])


class Question(Order):
    """The body of `POST /similar`."""

    text: Text = Field(default="", description="A few words, names of authors too, or an abstract.")
    ids: Names = Field(default=[], description="Ids of papers to be similar to.")
    like: Names = Field(default=[], description="The same as `ids`, and added to them.")
    unlike: Names = Field(default=[], description="Ids; papers like these fall back.")
    filters: Only = Field(default_factory=Only, description="Which papers may answer.")

    def query(self) -> Query:
        """Return what is asked for.

        Raises:
            UsageError: Nothing is, or it cannot be read.
        """
        only = self.filters
        led = Led(
            **self.model_dump(include={*Order.model_fields}),
            unlike=self.unlike,
            since=only.since,
            until=only.until,
            venue=only.venues,
            author=only.authors,
            subject=only.subjects,
            language=only.languages,
            exclude=only.exclude,
        )
        return led.query([*self.ids, *self.like], self.text)


class Recent(BaseModel):
    """`GET /new`."""

    model_config = ConfigDict(extra="forbid")

    since: Name | None = Field(
        default=None,
        description="Id of a build, or a date as 2026-11-24; none: the build before the current one.",
    )
    follow: Names = Field(
        default=[], description="Ids of papers; only what is similar to one of them is new then."
    )
    min_similarity: Share = Field(default=0.99, description="What counts as similar.")
    k: int = Field(default=20, ge=1, le=LARGEST_K, description="How many papers at most.")
    format: str = Field(
        default="json", description="How to write it.", json_schema_extra={"enum": ["json", "atom", "mail"]}
    )
