"""JSON Lines with all fields of each paper."""

import json
from collections.abc import Iterable, Iterator

from recommender.paper import Paper
from recommender.writers.writer import About


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield one object a line and paper."""
    for paper in papers:
        yield f"{json.dumps(paper.as_dict(), ensure_ascii=False)}\n"
