"""Development sets of Chinese papers: CSL, and citations between ChinaXiv preprints."""

from collections.abc import Iterator
from pathlib import Path

from recommender.training.development.rankings import sharing
from recommender.training.development.tasks import CLUSTERINGS, Clusters, OwnText, Related, SameLabel, Task
from recommender.training.sources import is_close, records, without_citations

CSL = "dev/csl.jsonl.xz"
PAPERS = "papers/chinaxiv_zh.jsonl.xz"
CITATIONS = "papers/chinaxiv_citation_pairs.jsonl.xz"


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
    row_of = {paper["id"]: row for row, paper in enumerate(papers)}
    related: dict[int, set[int]] = {}
    for pair in records(data / CITATIONS):
        sides = pair["a"], pair["b"]
        if not is_close(pair) or not all(side in row_of for side in sides):
            continue
        for query, other in (sides, sides[::-1]):
            if without_citations(query):
                related.setdefault(row_of[query], set()).add(row_of[other])
    if related:
        abstracts = [paper["abstract"] for paper in papers]
        name = f"ChinaXiv: citations R@20 among {len(papers):,}"
        yield Related(name=name, texts=abstracts, related=dict(sorted(related.items())), k=20)
