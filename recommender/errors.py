"""The one exception tree: whatever a user can act on. A message says what, where and what to do."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


class RecommenderError(Exception):
    """Base of every error that the user of the package can act on."""

    exit_code = 1


class UsageError(RecommenderError):
    """The call itself cannot be carried out as it stands."""

    exit_code = 2


class QuestionError(UsageError):
    """A question cannot be answered as it stands.

    Attributes:
        kind: What is wrong with it, in one word, for whoever says it in another language.
        name: The part of the question that is wrong; empty: all of it.
        instead: What could stand there, if anything is known.
    """

    def __init__(self, message: str, kind: str, name: str = "", instead: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.name = name
        self.instead = instead


class UnwritableError(UsageError):
    """A file that was asked for cannot be written."""

    def __init__(self, file: "Path", problem: OSError) -> None:
        reason = problem.strerror if file.parent.is_dir() else f"folder {file.parent} does not exist"
        super().__init__(f"{file}: cannot be written ({reason})")


class SettingsError(UsageError):
    """A setting names something that does not exist or cannot be used."""


class MissingExtraError(UsageError):
    """A library that belongs to an optional extra is not installed."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"this needs {module}, which is not installed: pip install 'recommender[{extra}]'")
        self.module = module
        self.extra = extra


class EngineError(UsageError):
    """The server that holds an index cannot be reached, or refuses."""


class WorkersError(UsageError):
    """Those who were given work cannot be reached, or are gone: a cluster, a process of this machine."""


class HarvestError(UsageError):
    """A repository cannot be reached, or answers what is not OAI-PMH."""


class SourceError(UsageError):
    """A source file cannot be read at all."""


class RecordError(SourceError):
    """One record of a source file is not a paper.

    Attributes:
        path: The source file.
        place: Where in it: `line 3`, `record 15`.
        reason: What is wrong.
        paper_id: The id of the record, where it could be read.
    """

    def __init__(self, path: "Path", place: str, reason: str, paper_id: str | None = None) -> None:
        super().__init__(f"{path}, {place}: {reason}")
        self.path = path
        self.place = place
        self.reason = reason
        self.paper_id = paper_id


class RecipeError(UsageError):
    """A training recipe is broken."""


class ModelError(UsageError):
    """A model folder is missing, incomplete or not what a build was made with."""


class PaperNotFoundError(RecommenderError):
    """No paper of the current build has the given id."""

    exit_code = 3

    def __init__(self, paper_id: str, build_id: str) -> None:
        super().__init__(
            f"no paper {paper_id!r} in build {build_id}; query by text instead, or import it and rebuild"
        )
        self.paper_id = paper_id


class NotAnswerableError(RecommenderError):
    """The paper or text is known, but has nothing that could be compared."""

    exit_code = 3


class BuildError(RecommenderError):
    """There is no build, or the build is damaged."""

    exit_code = 4


class OtherFormatError(BuildError):
    """A build was made by a version of this program that writes builds in another way.

    Attributes:
        is_older: Whether that version is an older one.
        is_sample: Whether its papers are those that ship with the product.
    """

    def __init__(self, path: "Path", found: object, expected: int, *, is_sample: bool) -> None:
        self.is_older = not (isinstance(found, int) and found > expected)
        self.is_sample = is_sample
        what = "make a new build" if self.is_older else "update recommender, or make a new build"
        super().__init__(
            f"{path} has format {found}, this version reads {expected}; {what}: recommend rebuild"
        )


class LibraryError(RecommenderError):
    """The library file cannot be opened, read or written."""

    exit_code = 4


class GateError(RecommenderError):
    """A new build was refused; the one before it stays current."""

    exit_code = 5


class LockedError(RecommenderError):
    """Somebody else is writing."""

    exit_code = 6


def first_line(problem: object) -> str:
    r"""Return the first line of what another library says, for a message of ours.

    >>> first_line(ValueError("no such file\nTraceback"))
    'no such file'
    >>> first_line(TimeoutError())
    'TimeoutError'
    """
    said = str(getattr(problem, "message", "") or problem).strip()
    return said.splitlines()[0] if said else type(problem).__name__
