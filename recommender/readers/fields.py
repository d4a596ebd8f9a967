"""Records of formats with fields of their own: from what they say to a paper."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from recommender.paper import Paper
from recommender.readers.names import bare_doi
from recommender.readers.parts import year_of
from recommender.readers.reader import Reject, SourcePaper, rejection
from recommender.text.language_codes import language_code
from recommender.text.normalise import matching
from recommender.text.scripts import HAN

Fields = Mapping[str, Any]  # of Paper, not yet converted: texts, and lists of texts for authors and keywords
Record = tuple[str, Any]  # its place, and whatever its format makes of it
ID_DIGITS = 12
ONLY_HAN = re.compile(f"[{HAN}·・]+")


def papers_from(
    records: Iterable[Record], fields_of: Callable[[Any], Fields], path: Path, on_reject: Reject
) -> Iterator[SourcePaper]:
    """Yield the papers of `records`, and hand those that are none to `on_reject`.

    Args:
        records: The records in order.
        fields_of: Returns the fields of one, or raises `ValueError`.
        path: The source file.
        on_reject: What becomes of a record that is no paper.
    """
    for place, record in records:
        paper_id = None
        try:
            fields = fields_of(record)
            paper_id = str(fields.get("id") or "").strip() or None
            paper = paper_of(fields)
        except ValueError as problem:
            on_reject(rejection(path, place, problem, paper_id))
        else:
            yield SourcePaper(paper, place)


def paper_of(fields: Fields) -> Paper:
    """Return the paper that `fields` describe.

    A record without an id of its own is called by its DOI, and else by 12 digits made of its words, so that
    the same record is the same paper in whatever file it comes.

    >>> paper_of({"title": "产教融合", "doi": "https://doi.org/10.1000/AB"}).id
    '10.1000/ab'
    >>> paper_of({"title": "产教融合"}).id
    'pa2615343d858'

    Raises:
        ValueError: There is nothing that could be a paper, or a value is not valid.
    """
    texts = {name: text for name, value in fields.items() if (text := _text(name, value))}
    authors, keywords = (_texts(name, fields.get(name, ())) for name in ("authors", "keywords"))
    doi = bare_doi(texts.pop("doi", ""))
    year = year_of(texts.pop("year", ""))
    language = language_code(texts.pop("language", ""))
    own_id = texts.pop("id", "")
    if not own_id and not doi and not texts.keys() & {"title", "abstract"}:
        raise ValueError("neither a title nor an abstract, and no id")
    known: dict[str, Any] = {**texts, "authors": authors, "keywords": keywords, "language": language}
    return Paper(id=own_id or doi.lower() or _made_id(texts, authors, year), doi=doi, year=year, **known)


def full_name(family: str, given: str, suffix: str = "") -> str:
    """Return a name as it is cited: Chinese ones unspaced, others with a comma, the suffix at the end.

    >>> full_name("王", "作鹏"), full_name("Smith", "John"), full_name("OECD", "")
    ('王作鹏', 'Smith, John', 'OECD')
    >>> full_name("King", "Martin Luther", "Jr.")
    'King, Martin Luther Jr.'
    """
    family, given = " ".join(family.split()), " ".join(f"{given} {suffix}".split())
    if ONLY_HAN.fullmatch(family) and ONLY_HAN.fullmatch(given):
        return family + given
    return f"{family}, {given}" if family and given else family or given


def _text(name: str, value: Any) -> str:
    if name in ("authors", "keywords") or value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{name} must be text, got {type(value).__name__}")
    return str(value).strip()


def _texts(name: str, values: Any) -> tuple[str, ...]:
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name} must be a list of texts, got {type(values).__name__}")
    return tuple(text for value in values if (text := value.strip()))


def _made_id(texts: Mapping[str, str], authors: tuple[str, ...], year: int | None) -> str:
    words = [
        texts.get("title") or texts.get("abstract", ""),
        *authors,
        texts.get("venue", ""),
        str(year or ""),
    ]
    digest = hashlib.sha256(matching("\n".join(words)).encode("utf-8", "surrogatepass")).hexdigest()
    return f"p{digest[:ID_DIGITS]}"
