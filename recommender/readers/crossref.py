"""Works of Crossref: the answers of its interface, and its public data files."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from recommender.readers.csl_json import csl_fields
from recommender.readers.fields import Fields, papers_from
from recommender.readers.json_objects import is_json, key_pattern, unwrapped
from recommender.readers.json_values import list_at
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile
from recommender.readers.visible import visible

KEYS = key_pattern("message-type", "reference-count", "is-referenced-by-count", "references-count")
WRAPPINGS = (("message", "items"), ("items",))
HEADING = re.compile(r"\s*<(?:jats:)?title>\s*(?:Abstract|摘要|Summary)\s*</(?:jats:)?title>", re.IGNORECASE)


class Crossref:
    """Reads works: one a line, in `message.items`, or as the `message`; the DOI is the id."""

    name = "crossref"
    suffixes: tuple[str, ...] = ()

    def matches(self, source: SourceFile) -> bool:
        return is_json(source) and KEYS.search(source.head) is not None

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        records = ((place, work) for _, place, work in unwrapped(source, on_reject, WRAPPINGS))
        return papers_from(records, _fields, source.path, on_reject)


def _fields(work: Mapping[str, Any]) -> Fields:
    if isinstance(work.get("message"), dict):
        work = work["message"]
    if not isinstance(work.get("DOI"), str):
        raise ValueError("a work of Crossref has a DOI, this has none")
    subtitles = [str(text) for text in list_at(work, "subtitle") if text]
    fields = dict(csl_fields(work))
    title = " ".join(": ".join([str(fields["title"]), *subtitles]).split())
    return fields | {
        "id": "",
        "title": visible(title),
        "abstract": visible(HEADING.sub("", str(work.get("abstract") or ""))),
        "volume": str(work.get("volume") or ""),
        "issue": str(work.get("issue") or ""),
        "url": str(work.get("URL") or ""),
    }
