"""Test collections in the format of BEIR: a folder with corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recommender.errors import RecordError, SourceError
from recommender.evaluation import cells as c
from recommender.evaluation.judgements import Judgements, Qrels
from recommender.paper import Paper
from recommender.readers import read_papers

HEADER = ("query-id", "corpus-id", "score")
SPLIT = "test"
READER = "jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A test collection.

    Attributes:
        corpus: The file of its documents, one a line: `_id`, `title`, `text`.
        queries: The judged queries, as papers without a title.
        qrels: Its judgements. A query and a document may bear one id without being one text.
    """

    corpus: Path
    queries: Mapping[str, Paper]
    qrels: Qrels


def read_collection(folder: Path, split: str = SPLIT) -> Collection:
    """Read queries and judgements; the documents are read by whoever needs them.

    Raises:
        SourceError: A file is missing or cannot be read.
        RecordError: A line is malformed, an id is used twice, or a judgement is of no query.
    """
    corpus = folder / "corpus.jsonl"
    if not corpus.is_file():
        raise SourceError(f"{folder} is no collection of BEIR: it has no corpus.jsonl")
    qrels = folder / "qrels" / f"{split}.tsv"
    if not qrels.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("qrels/*.tsv"))) or "none"
        raise SourceError(f"{qrels} does not exist; splits of this collection: {known}")
    queries = _read_queries(folder / "queries.jsonl")
    judged = _read_qrels(qrels, queries)
    return Collection(corpus=corpus, queries={query: queries[query] for query in judged}, qrels=judged)


def _read_queries(path: Path) -> dict[str, Paper]:
    queries: dict[str, Paper] = {}
    for entry in read_papers(path, reader=READER):
        if queries.setdefault(entry.paper.id, entry.paper) is not entry.paper:
            raise RecordError(path, entry.place, f"the id {entry.paper.id!r} is used by an earlier query")
    return queries


def _read_qrels(path: Path, queries: Mapping[str, Paper]) -> Qrels:
    judgements = Judgements(path)
    rows = c.rows_of(path)
    number, header = next(rows, (1, ""))
    if tuple(c.tabbed(header)) != HEADER:
        raise RecordError(path, f"line {number}", f"expected the header {', '.join(HEADER)}, parted by tabs")
    for number, line in rows:
        cells = c.tabbed(line)
        with c.reading(path, number):
            c.require_columns(cells, len(HEADER))
            c.require_ids(*cells[:2])
            if cells[0] not in queries:
                raise ValueError(f"{cells[0]!r} is none of the queries")
            grade = c.grade_of(cells[2])
        judgements.add(cells[0], cells[1], grade, number)
    return judgements.whole()
