"""An answer as text for machines. The same answer gives the same bytes."""

from recommender.writers.citations import citation_line, display_title

TYPE_CHECKING = False
if TYPE_CHECKING:  # a look-up has no time to import what it does without
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import Any

    from recommender.presentation.shown import ShownAnswer, ShownQuery, ShownResult
    from recommender.recommendation import Answer
    from recommender.recommendation.explanation import Explanation

    Reasons = Sequence[Explanation]  # one a result, or none at all

CSV_COLUMNS = (
    "rank", "id", "score", "similarity", "label", "title", "authors", "venue", "year", "volume", "issue",
    "pages", "doi", "url", "language", "subject", "citation", "abstract", "keywords",
)  # fmt: skip


def to_json(answer: "ShownAnswer", reasons: "Reasons" = ()) -> str:
    """Return the answer as one JSON object, with why each paper is there.

    The time it took is left out, so that two runs compare byte by byte.
    """
    import json

    return json.dumps(content_of(answer, reasons), ensure_ascii=False, indent=1) + "\n"


def content_of(answer: "ShownAnswer", reasons: "Reasons" = ()) -> "dict[str, Any]":
    """Return the answer as `to_json` writes it."""
    return {
        "build": answer.build_id,
        "query": answer.liked[0].as_dict() if len(answer.liked) == 1 and not answer.query.text else None,
        **_asked(answer.query),
        "results": _records(answer, reasons),
    }


def to_jsonl(answer: "ShownAnswer", reasons: "Reasons" = ()) -> str:
    """Return one JSON object a line and result."""
    import json

    return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in _records(answer, reasons))


def to_csv(answer: "ShownAnswer", reasons: "Reasons" = ()) -> str:
    """Return a table that spreadsheets open with the right characters and without running formulas.

    With reasons it has one column more, a line for people.
    """
    from recommender.writers.cells import lists_of, table

    columns = (*CSV_COLUMNS, "why") if reasons else CSV_COLUMNS
    rows = (
        record_of(result) | lists_of(result.paper) | {"why": _said(why)}
        for result, why in _explained(answer, reasons)
    )
    return "".join(table(columns, rows))


# Those in which an answer says more than its papers do: rank, score, reasons.
OF_ANSWERS: "dict[str, Callable[[ShownAnswer, Reasons], str]]" = {
    "json": to_json,
    "jsonl": to_jsonl,
    "csv": to_csv,
}


def written(answer: "Answer", name: str, reasons: "Reasons", updated: "datetime") -> str:
    """Return the answer in the format of this name.

    Args:
        answer: The answer.
        name: One of `WRITERS`.
        reasons: One a result, or none at all; for the formats of programs that know only papers, none.
        updated: When the build was made, for the formats that say it.
    """
    if to_text := OF_ANSWERS.get(name):
        return to_text(answer, reasons)
    from recommender.writers import About, writer_named

    about = About("Similar papers", updated)
    return writer_named(name).text((result.paper for result in answer.results), about)


def _asked(query: "ShownQuery") -> "dict[str, Any]":
    """Return what was asked beyond one paper or one text, if anything was."""
    if query.is_look_up and not query.min_similarity:
        return {}
    from dataclasses import asdict

    from recommender.recommendation import Query

    if not isinstance(query, Query):
        raise TypeError(f"only a look-up is asked for by {type(query).__name__}")
    plain = Query(like=query.like[:1], text=query.text if not query.like else "")
    if query == plain:
        return {}
    given = asdict(query)
    given |= given.pop("filters")
    return {"asked": {name: value for name, value in given.items() if value not in ((), "", None, 0.0)}}


def _explained(answer: "ShownAnswer", reasons: "Reasons") -> "list[tuple[ShownResult, Explanation | None]]":
    whys: Sequence[Explanation | None] = reasons or [None] * len(answer.results)
    return [*zip(answer.results, whys, strict=True)]


def _said(why: "Explanation | None") -> str:
    if why is None:
        return ""
    from recommender.presentation.reasons import reason_line

    return reason_line(why)


def _fields(why: "Explanation | None") -> "dict[str, Any]":
    if why is None:
        return {}
    from dataclasses import asdict

    return {"why": asdict(why)}


def _records(answer: "ShownAnswer", reasons: "Reasons") -> "list[dict[str, Any]]":
    return [record_of(result) | _fields(why) for result, why in _explained(answer, reasons)]


def record_of(result: "ShownResult") -> "dict[str, Any]":
    """Return a result as JSON has it."""
    return {
        "rank": result.rank,
        "score": round(result.score, 6),
        "similarity": round(result.similarity, 6),
        "label": result.label.words or None,
        **result.paper.as_dict(),
        "display_title": display_title(result.paper),
        "citation": citation_line(result.paper),
    }
