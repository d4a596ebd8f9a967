"""An answer as text for machines: JSON, JSON lines, CSV. The same answer gives the same bytes."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from recommender.presentation.citations import citation_line, display_title
from recommender.recommendation import Answer, Recommendation

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
        "query": answer.query.as_dict() if answer.query else None,
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
