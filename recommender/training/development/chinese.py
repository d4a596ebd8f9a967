"""Development sets of Chinese papers: CSL, and citations between ChinaXiv preprints."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from recommender.paper import text_of
from recommender.training.development.rankings import sharing
from recommender.training.development.tasks import CLUSTERINGS, Clusters, OwnText, Related, SameLabel, Task
from recommender.training.sources import is_close, records, without_citations

CSL = "dev/csl.jsonl.xz"
PAPERS = "papers/chinaxiv_zh.jsonl.xz"
CITATIONS = "papers/chinaxiv_citation_pairs.jsonl.xz"
Record = Mapping[str, Any]
PARTS: Mapping[str, Callable[[Record], str]] = {
    "titles": lambda paper: text_of(paper["title"], ""),
    "titles, keywords": lambda paper: text_of(paper["title"], "", paper["keywords"]),
    "titles, abstracts": lambda paper: text_of(paper.get("title", ""), paper["abstract"]),
    "titles, abstracts, keywords": lambda paper: text_of(
        paper.get("title", ""), paper["abstract"], paper.get("keywords", ())
    ),
}


def csl(data: Path) -> Iterator[Task]:
    """Ask for discipline, keywords, title and category of abstracts of every field."""
    papers = list(records(data / CSL))
    abstracts = [paper["abstract"] for paper in papers]
    disciplines = [paper["discipline"] for paper in papers]
    yield SameLabel(name="CSL: same-discipline P@10", texts=abstracts, labels=disciplines)
    sharers = sharing([set(paper["keywords"]) for paper in papers])
    related = {row: others for row, others in enumerate(sharers) if others}
    if related:
        yield Related(name="CSL: shared-keyword R@10", texts=abstracts, related=related, k=10)
    titles = [paper["title"] for paper in papers]
    yield OwnText(name="CSL: title→abstract R@1", queries=titles, answers=abstracts, corpus=abstracts)
    sorted_in = [paper for paper in papers if paper.get("category")]
    categories = [paper["category"] for paper in sorted_in]
    if n := len(set(categories)):
        texts = [paper["abstract"] for paper in sorted_in]
        name = f"CSL: k-means into {n} categories, V-measure of {CLUSTERINGS} starts"
        yield Clusters(name=name, texts=texts, labels=categories)


def citations(data: Path) -> Iterator[Task]:
    """Ask for the close relatives of papers that no training pair of citations names."""
    papers = list(records(data / PAPERS))
    if related := _citing(data, papers):
        abstracts = [paper["abstract"] for paper in papers]
        name = f"ChinaXiv: citations R@20 among {len(papers):,}"
        yield Related(name=name, texts=abstracts, related=related, k=20)


def whole_records(data: Path) -> Iterator[Task]:
    """Ask for discipline and citations by the whole records of papers, and by parts that databases give."""
    papers = list(records(data / CSL))
    labels = [paper["discipline"] for paper in papers]
    for part, text in PARTS.items():
        name = f"CSL, {part}: same-discipline P@10"
        yield SameLabel(name=name, texts=[*map(text, papers)], labels=labels)
    papers = list(records(data / PAPERS))
    if related := _citing(data, papers):
        for part in ("titles, abstracts", "titles, abstracts, keywords"):  # some titles were read as nothing
            name = f"ChinaXiv, {part}: citations R@20 among {len(papers):,}"
            yield Related(name=name, texts=[*map(PARTS[part], papers)], related=related, k=20)


def _citing(data: Path, papers: Sequence[Record]) -> dict[int, set[int]]:
    """Return the rows of the close relatives of each paper that no training pair of citations names."""
    row_of = {paper["id"]: row for row, paper in enumerate(papers)}
    related: dict[int, set[int]] = {}
    for pair in records(data / CITATIONS):
        sides = pair["a"], pair["b"]
        if not is_close(pair) or not all(side in row_of for side in sides):
            continue
        for query, other in (sides, sides[::-1]):
            if without_citations(query):
                related.setdefault(row_of[query], set()).add(row_of[other])
    return dict(sorted(related.items()))
