"""Papers of Semantic Scholar: the answers of its interface, and its data sets."""

from collections.abc import Iterator, Mapping
from typing import Any

from recommender.readers.fields import Fields, papers_from
from recommender.readers.json_objects import is_json, key_pattern, unwrapped
from recommender.readers.json_values import object_at, objects_at
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile

KEYS = key_pattern("paperId", "corpusid", "corpusId", "s2FieldsOfStudy", "s2fieldsofstudy")


class SemanticScholar:
    """Reads papers: one a line, in `data`, in an array, or within recommendations."""

    name = "semanticscholar"
    suffixes: tuple[str, ...] = ()

    def matches(self, source: SourceFile) -> bool:
        return is_json(source) and KEYS.search(source.head) is not None

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        wrappings = (("data",), ("recommendedPapers",))
        records = ((place, paper) for _, place, paper in unwrapped(source, on_reject, wrappings))
        return papers_from(records, _fields, source.path, on_reject)


def _fields(paper: Mapping[str, Any]) -> Fields:
    for around in ("citingPaper", "citedPaper"):
        if isinstance(paper.get(around), dict):
            paper = paper[around]
    own_id = next((paper[key] for key in ("paperId", "corpusid", "corpusId") if paper.get(key)), "")
    if not own_id:
        raise ValueError("a paper of Semantic Scholar has a paperId or a corpusid, this has none")
    journal = object_at(paper, "journal")
    subjects = (
        paper.get("s2FieldsOfStudy") or paper.get("s2fieldsofstudy") or paper.get("fieldsOfStudy") or []
    )
    names = [entry.get("category", "") if isinstance(entry, dict) else entry for entry in subjects]
    return {
        "id": own_id,
        "title": paper.get("title"),
        "abstract": paper.get("abstract"),
        "authors": [str(person.get("name") or "") for person in objects_at(paper, "authors")],
        "venue": journal.get("name") or paper.get("venue"),
        "year": str(paper.get("year") or paper.get("publicationDate") or paper.get("publicationdate") or ""),
        "volume": journal.get("volume"),
        "pages": "".join(str(journal.get("pages") or "").split()),
        "doi": {key.lower(): value for key, value in _ids(paper).items()}.get("doi"),
        "url": paper.get("url"),
        "subject": "; ".join(dict.fromkeys(map(str, names))),
    }


def _ids(paper: Mapping[str, Any]) -> Mapping[str, Any]:
    return object_at(paper, "externalIds") or object_at(paper, "externalids")
