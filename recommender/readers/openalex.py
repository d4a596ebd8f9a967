"""Works of OpenAlex: the answers of its interface, and its snapshot."""

from collections.abc import Iterator, Mapping
from typing import Any

from recommender.readers.fields import Fields, papers_from
from recommender.readers.json_objects import is_json, key_pattern, unwrapped
from recommender.readers.json_values import object_at, objects_at
from recommender.readers.parts import page_range
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile

KEYS = key_pattern("abstract_inverted_index", "authorships", "primary_location")
MOST_WORDS = 1_000_000
PREFIX = "https://openalex.org/"


class OpenAlex:
    """Reads works, one a line or in `results`; abstracts are put together from their inverted index."""

    name = "openalex"
    suffixes: tuple[str, ...] = ()

    def matches(self, source: SourceFile) -> bool:
        return is_json(source) and "openalex.org" in source.head and KEYS.search(source.head) is not None

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        records = ((place, work) for _, place, work in unwrapped(source, on_reject, (("results",),)))
        return papers_from(records, _fields, source.path, on_reject)


def _fields(work: Mapping[str, Any]) -> Fields:
    if not str(work.get("id") or "").startswith(PREFIX):
        raise ValueError(f"a work of OpenAlex has an id that begins with {PREFIX}, this has none")
    where, biblio = object_at(work, "biblio"), object_at(object_at(work, "primary_location"), "source")
    topic = object_at(work, "primary_topic")
    return {
        "id": str(work["id"]).removeprefix(PREFIX),
        "title": work.get("title") or work.get("display_name") or "",
        "abstract": put_together(object_at(work, "abstract_inverted_index")),
        "authors": [
            str(object_at(entry, "author").get("display_name") or entry.get("raw_author_name") or "")
            for entry in objects_at(work, "authorships")
        ],
        "venue": biblio.get("display_name") or object_at(work, "host_venue").get("display_name") or "",
        "year": str(work.get("publication_year") or work.get("publication_date") or ""),
        "volume": where.get("volume"),
        "issue": where.get("issue"),
        "pages": page_range(str(where.get("first_page") or ""), str(where.get("last_page") or "")),
        "doi": work.get("doi"),
        "url": object_at(work, "primary_location").get("landing_page_url") or work["id"],
        "keywords": [
            str(word.get("display_name") or word.get("keyword") or "")
            for word in objects_at(work, "keywords")
        ],
        "language": work.get("language"),
        "subject": object_at(topic, "field").get("display_name") or topic.get("display_name") or "",
    }


def put_together(index: Mapping[str, Any]) -> str:
    """Return the text whose words stand at the places that `index` has for them.

    >>> put_together({"of": [1, 4], "Fusion": [0], "industry": [2], "and": [3], "learning": [5]})
    'Fusion of industry and of learning'

    Raises:
        ValueError: Two words stand at one place, or one at none that could be.
    """
    words: dict[int, str] = {}
    for word, places in index.items():
        for place in places if isinstance(places, list) else [places]:
            if type(place) is not int or not 0 <= place < MOST_WORDS:
                raise ValueError(f"{word!r} has the place {place!r} in the inverted abstract")
            if words.setdefault(place, word) != word:
                raise ValueError(f"{words[place]!r} and {word!r} have one place in the inverted abstract")
    return " ".join(words[place] for place in sorted(words))
