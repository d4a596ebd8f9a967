"""CSL-JSON, as Zotero, Pandoc and citeproc read it."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from recommender.paper import Paper
from recommender.readers.visible import as_markup
from recommender.text.scripts import HAN
from recommender.writers.bibtex import joined
from recommender.writers.json_array import array
from recommender.writers.writer import About

TWO_PARTS = re.compile(rf"([^,{HAN}\s](?:[^,{HAN}]*[^,{HAN}\s])?), ([^,{HAN}\s](?:[^,{HAN}]*[^,{HAN}\s])?)")


def write(papers: Iterable[Paper], about: About) -> Iterator[str]:
    """Yield the array of the items, without what is not known of each."""
    yield from array(json.dumps(_item(paper), ensure_ascii=False) for paper in papers)


def _item(paper: Paper) -> dict[str, Any]:
    item = {
        "id": paper.id,
        "type": "article-journal" if paper.venue else "article",
        "title": as_markup(paper.title),
        "author": [_escaped(_person(name)) for name in paper.authors],
        "container-title": as_markup(paper.venue),
        "issued": {"date-parts": [[paper.year]]} if paper.year else None,
        "volume": paper.volume,
        "issue": paper.issue,
        "page": paper.pages,
        "DOI": paper.doi,
        "URL": paper.url,
        "language": paper.language,
        "keyword": as_markup(joined(paper.keywords)),
        "categories": [paper.subject] if paper.subject else [],
        "abstract": as_markup(paper.abstract),
    }
    return {name: value for name, value in item.items() if value or name == "title"}


def _escaped(parts: dict[str, str]) -> dict[str, str]:
    return {key: as_markup(text) for key, text in parts.items()}


def _person(name: str) -> dict[str, str]:
    """Return a name in its parts, or as it is where a comma does not tell them.

    >>> _person("Smith, John"), _person("王作鹏")
    ({'family': 'Smith', 'given': 'John'}, {'literal': '王作鹏'})
    """
    if parts := TWO_PARTS.fullmatch(name):
        return {"family": parts[1], "given": parts[2]}
    return {"literal": name}
