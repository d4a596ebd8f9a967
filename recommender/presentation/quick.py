"""`recommend --id 9 --k 5`, answered before anything is imported that takes longer than the answer.

It answers what is asked most: the stored neighbours of one paper, as a table or as JSON, JSON Lines or CSV; a
text goes to `quick_text`. Whatever else is asked for, formats of other programs too, and whatever is not as
it should be, is left to the commands: they know all options, and say what is wrong.
"""

import os
import sys
import time

from recommender.errors import BuildError
from recommender.label_words import LABEL_WORDS
from recommender.lookup import ids, neighbours, records
from recommender.lookup.summary import Summary
from recommender.presentation import answers, formats, terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMPLETION = "_RECOMMEND_COMPLETE"
COMMANDS = (  # the first word may be one of them
    "similar", "import", "harvest", "export", "remove", "show", "library", "rebuild", "builds", "publish",
    "rollback", "verify", "prune", "duplicates", "new", "serve", "evaluate", "train", "mcp", "map",
    "doctor",
)  # fmt: skip
VALUES = {"--id": "id", "--k": "k", "-k": "k", "--format": "format", "--home": "home"}


class Label(int):
    """The number of a label, with its words."""

    @property
    def words(self) -> str:
        """The label as people read it."""
        return LABEL_WORDS[self]


class Result:
    """A similar paper, as `Recommendation`."""

    __slots__ = ("label", "paper", "rank", "score", "similarity")

    def __init__(
        self, rank: int, score: float, similarity: float, label: Label, paper: records.Record
    ) -> None:
        self.rank, self.score, self.similarity = rank, score, similarity
        self.label, self.paper = label, paper


class LookUp:
    """The question for one paper, as `Query`."""

    text = ""
    min_similarity = 0.0
    is_look_up = True


class Answer:
    """The answer to it, as `recommendation.Answer`."""

    query = LookUp()

    def __init__(
        self, paper: records.Record, results: "Sequence[Result]", build_id: str, seconds: float
    ) -> None:
        self.liked, self.results = (paper,), results
        self.build_id, self.seconds = build_id, seconds


def answered(arguments: "Sequence[str]", environment: "Mapping[str, str]" = os.environ) -> int | None:
    """Answer a look-up and return its exit code, or None: nothing is done, and the commands shall do it."""
    question = understood(arguments)
    if question is None or COMPLETION in environment:
        return None
    k, output = int(question.get("k", "5")), question["format"]
    if "text" in question:
        from recommender.presentation.quick_text import answered_text

        return answered_text(question["text"], k, output, question.get("home"))
    home = _home(environment)
    if not (question.get("home") or home):
        return None
    try:
        answer = look_up(os.path.expanduser(question.get("home") or home), question["id"], k)  # noqa: PTH111
    except (BuildError, OSError, ValueError):
        return None
    return None if answer is None else terminal.written(lambda: _write(answer, output))


def understood(arguments: "Sequence[str]") -> dict[str, str] | None:
    """Return what is asked for by name, or None: it is no look-up, or one with other options.

    >>> understood(["--id", "9", "--k=5", "--json"])
    {'id': '9', 'k': '5', 'format': 'json'}
    >>> understood(["two", "words"])
    {'text': 'two words', 'format': 'table'}
    >>> understood(["--id", "9", "--why"])
    >>> understood(["rebuild"])
    """
    found: dict[str, str] = {}
    rest = [*arguments[arguments[:1] == ["similar"] :]]
    if rest[:1] and rest[0] in COMMANDS and len(rest) == len(arguments):
        return None
    while rest:
        if not rest[0].startswith("-"):
            found["text"] = f"{found['text']} {rest.pop(0)}" if "text" in found else rest.pop(0)
            continue
        option, is_joined, value = rest.pop(0).partition("=")
        if option == "--json" and not is_joined:
            name, value = "json", "json"
        elif option not in VALUES or (option == "-k" and is_joined):
            return None
        else:
            name = VALUES[option]
            value = value if is_joined else (rest.pop(0) if rest else "")
        if name in found or not value or value.startswith("-"):
            return None
        found[name] = value
    return _checked(found)


def _checked(found: dict[str, str]) -> dict[str, str] | None:
    found["format"] = found.pop("json", "") or found.get("format", "table")
    k = found.get("k", "5")
    is_number = len(k) < 10 and k.isascii() and k.isdigit() and int(k) >= 1  # longer ones: not all are read
    if (
        not is_number
        or found["format"] not in ("table", *formats.OF_ANSWERS)
        or ("id" in found) == ("text" in found)
    ):
        return None
    if "text" in found:
        return found if found["text"] else None
    paper_id = found["id"].strip()
    return found | {"id": paper_id} if paper_id else None


def _home(environment: "Mapping[str, str]") -> str:
    """Return the home folder, empty where finding it takes more than this."""
    if named := environment.get("RECOMMENDER_HOME"):
        return named
    if not sys.platform.startswith("linux") or hasattr(sys, "getandroidapilevel"):
        return ""
    data = environment.get("XDG_DATA_HOME", "").strip()
    if data and not data.startswith("/"):
        return ""
    return f"{data or '~/.local/share'}/recommender"


def look_up(home: str, paper_id: str, k: int) -> Answer | None:
    """Return the `k` papers most similar to one, or None where the stored neighbours are no answer.

    Raises:
        BuildError: The build is damaged.
        OSError: There is none, or it cannot be read.
        ValueError: Its manifest is damaged, or of another version.
    """
    build_id, is_sample = _build(f"{home}/builds")
    if is_sample and os.path.exists(f"{home}/library.db"):  # noqa: PTH110
        return None  # there may be something to say about it
    folder = f"{home}/builds/{build_id}"
    papers = records.RecordFile(f"{folder}/{records.FILE}", build_id)
    places = ids.IdFile(f"{folder}/{ids.FILE}", build_id)
    lines = neighbours.NeighbourFile(f"{folder}/{neighbours.FILE}", build_id)
    if places.n_ids != papers.n_papers + papers.n_reasons or k > lines.k:
        return None
    started = time.perf_counter()
    row = places.number_of(paper_id, papers)
    if row is None or row >= papers.n_papers:
        return None
    entries = lines.entries(row, k)
    if len(entries) < k and len(entries) < papers.n_papers - len(papers.copies(row)):
        return None  # there are others, that are not stored
    results = [
        Result(rank, score, similarity, Label(label), papers.paper(other))
        for rank, (other, score, similarity, label) in enumerate(entries, start=1)
    ]
    seconds = time.perf_counter() - started
    return Answer(papers.paper(row), results, build_id, seconds)


def _build(root: str) -> tuple[str, bool]:
    """Return the id of the published build, whose files are all there, and whether it is the sample."""
    with open(f"{root}/CURRENT", encoding="utf-8") as file:  # noqa: PTH123
        build_id = file.read().strip()
    if not (len(build_id) == 16 and build_id.isascii() and build_id.isalnum()):
        raise ValueError("the pointer is damaged")
    with open(f"{root}/{build_id}/manifest.json", "rb") as file:  # noqa: PTH123
        summary = Summary(file.read())
    sizes = {name: os.stat(f"{root}/{build_id}/{name}").st_size for name in summary.sizes}  # noqa: PTH116
    if summary.build_id != build_id or sizes != summary.sizes:
        raise ValueError("a file is cut off")
    return build_id, summary.is_sample


def _write(answer: Answer, output: str) -> None:
    terminal.note(answers.header(answer))
    if fillers := answers.unrelated(answer):
        terminal.note(fillers)
    if output == "table":
        text = answers.table(answer.results, (), terminal.width(), styled=terminal.has_styles())
    else:
        text = formats.OF_ANSWERS[output](answer, ())
    sys.stdout.write(text)
