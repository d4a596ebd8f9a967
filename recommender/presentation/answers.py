"""An answer for people: one line on what was found, and a table with one paper a row."""

from recommender.label_words import UNRELATED
from recommender.presentation.grid import DIM, ITALIC, PLAIN, grid
from recommender.text.numbers import share
from recommender.writers.citations import citation_line, display_title

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.presentation.shown import ShownAnswer, ShownResult


def header(answer: "ShownAnswer") -> str:
    """Return what was found, how fast, and for what."""
    n = len(answer.results)
    query = answer.query
    least = f" of at least {share(query.min_similarity)}" if query.min_similarity else ""
    asked = " and ".join(
        [f"{paper.id} {display_title(paper)}" for paper in answer.liked] + ["the text"] * bool(query.text)
    )
    return (
        f"found {n} similar paper{'' if n == 1 else 's'}{least} in {answer.seconds * 1000:.2f} ms"
        f" for {asked} (build {answer.build_id})"
    )


def unrelated(answer: "ShownAnswer") -> str:
    """Return a line on papers that only fill the list, empty where there are none."""
    if n := sum(int(result.label) == UNRELATED for result in answer.results):
        return f"{n} of them unrelated, there is nothing nearer; --min-similarity 0.99 leaves such out"
    return ""


def table(
    results: "Sequence[ShownResult]",
    last: "Sequence[str]",
    width: int,
    *,
    heading: str = "paper",
    styled: bool,
) -> str:
    """Return papers as a table: title, citation line, and a last line; empty for nothing.

    Args:
        results: The papers.
        last: A last line for each, which may be empty; or none at all.
        width: Columns of the terminal.
        heading: Of the column of papers.
        styled: Whether styles are shown.
    """
    if not results:
        return ""
    lines = last or [""] * len(results)
    rows = [_row(result, line) for result, line in zip(results, lines, strict=True)]
    return grid(("#", "id", "score", "similarity", heading), rows, width, styled=styled)


def _row(result: "ShownResult", last: str) -> "list[list[tuple[str, str]]]":
    paper = [(display_title(result.paper), PLAIN)]
    if citation := citation_line(result.paper):
        paper.append((citation, DIM))
    if last:
        paper.append((last, ITALIC))
    likeness = [(share(result.similarity), PLAIN), (result.label.words, DIM)]
    if int(result.label) == UNRELATED:  # higher than 99 of 100 random pairs, and yet not alike
        likeness = likeness[1:]
    return [
        [(str(result.rank), PLAIN)],
        [(result.paper.id, PLAIN)],
        [(f"{result.score:.3f}", PLAIN)],
        likeness,
        paper,
    ]
