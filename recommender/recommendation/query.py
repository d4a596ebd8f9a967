"""What can be asked for: what to be like or unlike, which papers may answer, and in what order."""

from dataclasses import dataclass

from recommender.errors import QuestionError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which papers may answer: those that pass every filter; of several values of one filter, any will do.

    Names are compared without regard to case, width, or traditional and simplified characters.

    Attributes:
        since, until: Years of publication, both included; a paper without a year passes neither.
        venues, authors, subjects: Names as the papers have them.
        languages: ISO 639-1 codes.
        exclude: Ids of papers that shall not answer.
    """

    since: int | None = None
    until: int | None = None
    venues: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question. What is liked counts in equal parts; what is not liked counts half as much against.

    Attributes:
        like: Ids of papers: one, or a reading list.
        text: A few words, or an abstract.
        unlike: Ids of papers.
        filters: Which papers may answer.
        diversity: From 0, the most similar, to below 1: how much a paper loses that is like one already in
            the list (maximal marginal relevance, Carbonell and Goldstein 1998).
        half_life: Years in which a score falls to a half, counted from the newest paper; a paper without a
            year counts as one half-life old. None: age is no matter.
        min_similarity: From 0 to below 1; less similar papers are left out, however few remain.

    Raises:
        UsageError: Nothing is asked for, or a number is out of range.
    """

    like: tuple[str, ...] = ()
    text: str = ""
    unlike: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS
    diversity: float = 0.0
    half_life: float | None = None
    min_similarity: float = 0.0

    def __post_init__(self) -> None:
        if not self.like and not self.text:
            raise QuestionError(
                "say what the papers shall be similar to: the id of a paper, or a text", "nothing"
            )
        check_min_similarity(self.min_similarity)
        if not 0 <= self.diversity < 1:
            raise UsageError(f"diversity lies from 0 to below 1, got {self.diversity}")
        if self.half_life is not None and not self.half_life > 0:
            raise UsageError(f"a half-life is a number of years above 0, got {self.half_life}")
        if self.unlike and (both := sorted({*self.like} & {*self.unlike})):
            raise QuestionError(
                f"paper {both[0]!r} cannot be liked and not liked at once", "both_ways", both[0]
            )

    @property
    def is_look_up(self) -> bool:
        """Whether the stored neighbours of one paper are the answer."""
        plain = (self.text, self.unlike, self.filters, self.diversity, self.half_life)
        return len(self.like) == 1 and plain == ("", (), NO_FILTERS, 0.0, None)


def check_min_similarity(value: float) -> None:
    """Refuse what is no least similarity.

    Raises:
        UsageError: It is out of range.
    """
    if not 0 <= value < 1:
        raise UsageError(f"the least similarity lies from 0 to below 1, got {value}")
