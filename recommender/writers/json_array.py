"""One JSON array with all fields of each paper."""

import json
from collections.abc import Iterable, Iterator

from recommender.paper import Paper
from recommender.writers.writer import About


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield the array; what has no value has the empty one of its kind."""
    yield from array(json.dumps(paper.as_dict(), ensure_ascii=False) for paper in papers)


def array(texts: Iterable[str]) -> Iterator[str]:
    """Yield an array of which `texts` are the elements, one a line."""
    before = "[\n"
    for text in texts:
        yield f"{before}{text}"
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"
