"""A question as a page has it: in its address, with the path that led there."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

from pydantic import Field, ValidationError

from recommender.errors import QuestionError
from recommender.presentation.web.questions import LONGEST_TEXT, Led, Names
from recommender.recommendation import Query

SEVERAL = ("like", "unlike", "venue", "author", "subject", "language", "exclude")
TYPED = {
    "lang": "language",  # as on the command line
    "venues": "venue",
    "authors": "author",
    "likes": "like",
    "unlikes": "unlike",
    "excludes": "exclude",
}  # fields of forms where several are typed, with ; between
BESIDE = ("via", "explain", "part", "format", "ui", "theme")  # of an address, and no part of the question
SPLIT = str.maketrans("；;\n", "\n\n\n")
LONGEST_PATH, LONGEST_STEP = 12, 3_000  # steps, characters of one
Pairs = list[tuple[str, str]]


class PageQuestion(Led):
    """What a page is asked."""

    q: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    like: Names = Field(default=[])
    k: int = Field(default=20, ge=1, le=100)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "PageQuestion":
        """Read an address; empty fields of a form ask for nothing.

        Raises:
            QuestionError: A value is none that can be asked for, or nothing is called so.
        """
        given: dict[str, Any] = {}
        for name, value in pairs:
            if name in TYPED:
                parts = (part.strip() for part in value.translate(SPLIT).split("\n"))
                given.setdefault(TYPED[name], []).extend(part for part in parts if part)
            elif name in SEVERAL and value.strip():
                given.setdefault(name, []).append(value.strip())
            elif name in cls.model_fields:
                given |= {name: value.strip()} if value.strip() else {}
            elif name not in (*SEVERAL, *BESIDE) and not name.startswith("utm_"):  # as mails add them
                known = ", ".join(field for field in cls.model_fields if field != "lang")
                raise QuestionError(f"{name}: no field has this name; there are {known}", "name", name)
        try:
            return cls(**given)
        except ValidationError as error:
            raise refused(error) from error

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.q and not self.like

    @property
    def is_one_paper(self) -> bool:
        """Whether the papers shall be similar to one paper."""
        return len(self.like) == 1 and not self.q

    def to_query(self) -> Query:
        """Return what is asked for.

        Raises:
            QuestionError: It cannot be.
        """
        return self.query(self.like, self.q)

    def pairs(self, **changed: Any) -> Pairs:
        """Return the address of this question with some fields changed; what is as usual is left out."""
        values = self.model_dump(exclude_defaults=True) | changed
        found: Pairs = []
        for name in PageQuestion.model_fields:
            value = values.get(name)
            if isinstance(value, list):
                found += [(name, part) for part in value]
            elif value not in (None, "", False):
                found.append((name, str(value)))
        return found

    def step(self) -> str:
        """Return this question as one step of a path."""
        return "&".join(f"{name}={_quoted(value)}" for name, value in self.pairs())


def refused(error: ValidationError) -> QuestionError:
    """Return what is wrong with the first field that cannot be asked for."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    return QuestionError(f"{name}: {first['msg']}", "field", name)


def with_step(path: Sequence[str], step: str, paper_id: str) -> list[str]:
    """Return the path to the papers similar to one that a question, the step, found.

    A path that comes back to a paper begins anew from where it was there first.
    """
    longer = [*path, *([step] if len(step) <= LONGEST_STEP else [])]
    earlier = step_to(paper_id)
    return longer[: longer.index(earlier)] if earlier in longer else longer[-LONGEST_PATH:]


def step_to(paper_id: str) -> str:
    """Return the step that asks for nothing but the papers similar to one."""
    return f"like={_quoted(paper_id)}"


def path_of(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return the path in an address: steps that can be read, at most so many."""
    steps = [value for name, value in pairs if name == "via" and 0 < len(value) <= LONGEST_STEP]
    return [step for step in steps[-LONGEST_PATH:] if step_of(step)]


def step_of(step: str) -> PageQuestion | None:
    """Return the question that a step was, None: it is none."""
    try:
        question = PageQuestion.of(parse_qsl(step))
    except QuestionError:
        return None
    return None if question.is_empty else question


def _quoted(text: str) -> str:
    """Quote what would end a value, and leave all else to the quoting of the whole address."""
    return "".join(quote(sign, safe="") if sign in "%&+=#; \n" else sign for sign in text)
