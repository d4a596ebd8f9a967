"""An answer as text for machines: JSON, JSON lines, CSV. The same answer gives the same bytes."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from recommender.presentation.citations import citation_line, display_title
from recommender.recommendation import Answer, Query, Recommendation

CSV_COLUMNS = (
    "rank", "id", "score", "similarity", "label", "title", "authors", "venue", "year", "volume", "issue",
    "pages", "doi", "url", "language", "subject", "citation",
)  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would execute


def to_json(answer: Answer) -> str:
    """Return the answer as one JSON object.

    The time it took is left out, so that two runs compare byte by byte.
    """
    content = {
        "build": answer.build_id,
        "query": answer.liked[0].as_dict() if len(answer.liked) == 1 and not answer.query.text else None,
        **_asked(answer.query),
        "results": [_record(result) for result in answer.results],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def to_jsonl(answer: Answer) -> str:
    """Return one JSON object a line and result."""
    return "".join(json.dumps(_record(result), ensure_ascii=False) + "\n" for result in answer.results)


def to_csv(answer: Answer) -> str:
    """Return a table that spreadsheets open with the right characters and without running formulas."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for result in answer.results:
        record = _record(result) | {"authors": "; ".join(result.paper.authors)}
        writer.writerow({name: _inert(record[name]) for name in CSV_COLUMNS})
    return "\ufeff" + text.getvalue()


FORMATS: dict[str, Callable[[Answer], str]] = {"json": to_json, "jsonl": to_jsonl, "csv": to_csv}


def _asked(query: Query) -> dict[str, Any]:
    """Return what was asked beyond one paper or one text, if anything was."""
    plain = Query(like=query.like[:1], text=query.text if not query.like else "")
    if query == plain:
        return {}
    return {"asked": {name: value for name, value in asdict(query).items() if value}}


def _record(result: Recommendation) -> dict[str, Any]:
    return {
        "rank": result.rank,
        "score": round(result.score, 6),
        "similarity": round(result.similarity, 6),
        "label": result.label.words or None,
        **result.paper.as_dict(),
        "display_title": display_title(result.paper),
        "citation": citation_line(result.paper),
    }


def _inert(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
