"""The server: four tools, each answered from the build that is published when it is called."""

from collections.abc import Callable
from functools import wraps
from importlib.metadata import version
from threading import Lock
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from recommender.errors import RecommenderError, UsageError
from recommender.paper import FIRST_YEAR, LAST_YEAR
from recommender.presentation.mcp.records import Reasons, Results, Shown
from recommender.presentation.named import ids_of
from recommender.recommendation import Filters, Query, Recommender
from recommender.recommendation.recommender import read, row_of
from recommender.workspace import Workspace

ABOUT = (
    "Similar literature (相似文献): papers of one corpus in Chinese, English and more, compared by"
    " meaning and words across languages. search takes a question, names of authors or an abstract,"
    " similar the ids of papers; show has a whole paper, why explains how alike two are."
)
LARGEST_K = 100
Id = Annotated[str, Field(min_length=1, max_length=300, description="Id of a paper.")]
Ids = Annotated[tuple[Id, ...], Field(max_length=50)]
Names = Annotated[tuple[Annotated[str, Field(max_length=300)], ...], Field(max_length=50)]
K = Annotated[int, Field(ge=1, le=LARGEST_K, description="How many papers at most.")]
Words = Annotated[str, Field(max_length=20_000, description="A few words or a whole abstract, any language.")]
Year = Annotated[int | None, Field(ge=FIRST_YEAR, le=LAST_YEAR, description="Of publication, included.")]


class Desk:
    """Has the build ready that is published. Safe to share between threads."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self._opened: Recommender | None = None

    def recommender(self) -> Recommender:
        """Return what answers, opened anew once another build is published.

        Raises:
            BuildError: There is none, or it is damaged.
        """
        with self._lock:
            wanted = self._workspace.store.current_id()
            if self._opened is None or self._opened.build.manifest.build_id != wanted:
                self._opened = self._workspace.recommender()
            return self._opened


class Only(BaseModel):
    """Which papers may answer."""

    model_config = ConfigDict(extra="forbid")

    since: Year = None
    until: Year = None
    venues: Names = ()
    authors: Names = ()
    subjects: Names = ()
    languages: Annotated[Names, Field(description="ISO 639-1 codes, as zh and en.")] = ()
    exclude: Ids = ()

    def filters(self) -> Filters:
        """Return them as a query takes them."""
        return Filters(
            since=self.since, until=self.until, venues=self.venues, authors=self.authors,
            subjects=self.subjects, languages=self.languages, exclude=ids_of(self.exclude),
        )  # fmt: skip


ANYTHING = Only()


class Exact(MCPServer[None]):
    """Refuses arguments that a tool does not take; the SDK would pass over them."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Any = None
    ) -> CallToolResult | InputRequiredResult:
        taken = next(
            (tool.input_schema["properties"] for tool in await self.list_tools() if tool.name == name), None
        )
        if taken is not None and (unknown := sorted(arguments.keys() - taken.keys())):
            filters = (
                f"; which papers may answer is said in only: {', '.join(Only.model_fields)}"
                if "only" in taken
                else ""
            )
            raise ToolError(f"{name} takes no {', '.join(unknown)}, but {', '.join(taken)}{filters}")
        return await super().call_tool(name, arguments, context)


def create_server(workspace: Workspace) -> MCPServer[None]:
    """Return the server that answers from a home folder."""
    server = Exact("recommender", instructions=ABOUT, version=version("recommender"), log_level="WARNING")
    desk = Desk(workspace)
    add_lists(server, desk)
    add_papers(server, desk)
    return server


def add_lists(server: MCPServer[None], desk: Desk) -> None:
    """Add the tools that answer with a list."""
    tool = server.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))

    @tool
    @answering
    def similar(
        ids: Ids, k: K = 10, unlike: Ids = (), only: Only = ANYTHING
    ) -> Annotated[CallToolResult, Results]:
        """Papers similar to one paper, or to a reading list of several; papers like `unlike` fall back."""
        query = Query(like=ids_of(ids), unlike=ids_of(unlike), filters=only.filters())
        return reply(Results.of(desk.recommender().recommend(query, k)))

    @tool
    @answering
    def search(
        text: Words, k: K = 10, like: Ids = (), only: Only = ANYTHING
    ) -> Annotated[CallToolResult, Results]:
        """Papers similar to a text in any language, and to the papers `like` beside it."""
        query = Query(text=read(text), like=ids_of(like), filters=only.filters())
        return reply(Results.of(desk.recommender().recommend(query, k)))


def add_papers(server: MCPServer[None], desk: Desk) -> None:
    """Add the tools that answer about single papers."""
    tool = server.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))

    @tool
    @answering
    def show(id: Id) -> Annotated[CallToolResult, Shown]:  # noqa: A002 - as it is called everywhere
        """One paper: title, authors, journal, keywords, and its whole abstract."""
        build = desk.recommender().build
        (name,) = ids_of([id])
        return reply(Shown.of(build.papers.paper(row_of(build, name, instead="there is nothing to show"))))

    @tool
    @answering
    def why(id: Id, similar_to: Ids = (), text: Words = "") -> Annotated[CallToolResult, Reasons]:  # noqa: A002
        """Why the paper `id` is, or is not, similar to other papers or a text: words and sentences alike."""
        (name,) = ids_of([id])
        query = Query(like=ids_of(similar_to), text=read(text) if text.strip() else "")
        if name in query.like:
            raise UsageError(f"paper {name!r} cannot be compared with itself; name another")
        recommender = desk.recommender()
        answer = recommender.compare(query, name)
        return reply(Reasons.of(answer, recommender.explain(answer)))


def answering(tool: "Callable[..., CallToolResult]") -> "Callable[..., CallToolResult]":
    """Turn what a caller can act on into an error of the tool."""

    @wraps(tool)
    def answered(*args: object, **named: object) -> CallToolResult:
        try:
            return tool(*args, **named)
        except RecommenderError as error:
            raise ToolError(str(error)) from error

    return answered


def reply(record: Results | Shown | Reasons) -> CallToolResult:
    """Return a record as structured content, and as text beside it."""
    return CallToolResult(
        content=[TextContent(type="text", text=record.text())], structured_content=record.model_dump()
    )
