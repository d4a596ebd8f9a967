"""JATS, in which journals and PubMed Central keep articles; only its front matter is read."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from recommender.readers.fields import Fields, full_name, papers_from
from recommender.readers.jats_text import words_in
from recommender.readers.parts import page_range
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile
from recommender.readers.xml_records import elements, root_of, text_in

ROOTS = ("article", "articles", "pmc-articleset", "collection")
FRONT = re.compile(r"<(?:[\w.-]+:)?(?:front|article-meta)[\s>]")
LANGUAGE = "lang"
# Kinds of dates by how well they tell the year by which an article is cited.
PUBLISHED = {
    "ppub": 0, "print": 0, "collection": 1, "epub-ppub": 1, "epub": 2, "electronic": 2, "pub": 3,
    "nihms-submitted": 9, "pmc-release": 9, "preprint": 9, "received": 9, "accepted": 9,
}  # fmt: skip
UNKNOWN = 4
LEFT_OUT = frozenset(
    {"body", "back", "ref-list", "fn", "xref", "graphic", "object-id", "response", "sub-article"}
)


class Jats:
    """Reads every `article`; its DOI is the id, or else its number in PubMed Central or PubMed."""

    name = "jats"
    suffixes: tuple[str, ...] = (".nxml",)

    def matches(self, source: SourceFile) -> bool:
        return root_of(source) in ROOTS and FRONT.search(source.head) is not None

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        records = elements(source, frozenset({"article"}), without=LEFT_OUT)
        return papers_from(records, jats_fields, source.path, on_reject)


def jats_fields(article: Element) -> Fields:
    """Return the fields of an `article`.

    Raises:
        ValueError: It has no front matter.
    """
    meta = article.find("front/article-meta")
    if meta is None:
        raise ValueError("an article of JATS has front and article-meta, this has not")
    journal = "front/journal-meta"
    title = words_in(meta, "title-group/article-title")
    subtitle = words_in(meta, "title-group/subtitle")
    doi = text_in(meta, "article-id[@pub-id-type='doi']")
    old, new, pmid = (
        text_in(meta, f"article-id[@pub-id-type='{kind}']") for kind in ("pmc", "pmcid", "pmid")
    )
    pmc = old or new
    return {
        "id": "" if doi else f"PMC{pmc.removeprefix('PMC')}" if pmc else pmid,
        "title": f"{title}: {subtitle}" if subtitle else title,
        "abstract": _abstract(meta),
        "authors": _authors(meta),
        "venue": text_in(article, f"{journal}/journal-title-group/journal-title")
        or text_in(article, f"{journal}/journal-title"),
        "year": _year(meta),
        "volume": text_in(meta, "volume"),
        "issue": text_in(meta, "issue"),
        "pages": page_range(text_in(meta, "fpage"), text_in(meta, "lpage")) or text_in(meta, "elocation-id"),
        "doi": doi,
        "url": "",
        "keywords": [words_in(word) for word in _keywords(meta, article.get(LANGUAGE))],
        "language": article.get(LANGUAGE, ""),
    }


def _year(meta: Element) -> str:
    """Return the year of the issue or else of the publication, not of a manuscript that came before.

    A date of a kind that is not known counts for more than one that is known to be another thing.
    """
    dates = [(_rank(date), year) for date in meta.findall("pub-date") if (year := text_in(date, "year"))]
    return min(dates, key=lambda date: date[0])[1] if dates else ""


def _rank(date: Element) -> int:
    kind = date.get("pub-type") or date.get("date-type") or ""
    return PUBLISHED.get((date.get("publication-format") if kind in ("", "pub") else kind) or kind, UNKNOWN)


def _abstract(meta: Element) -> str:
    """Return the abstract proper: graphical ones and highlights say of what type they are."""
    plain = [abstract for abstract in meta.findall("abstract") if not abstract.get("abstract-type")]
    if not (found := plain or meta.findall("abstract")):
        return ""
    return "\n".join(line for block in _blocks(found[0]) if (line := words_in(block)))


def _blocks(abstract: Element) -> list[Element]:
    """Return titles and paragraphs in order, or the abstract itself where it has none."""
    blocks = [element for element in abstract.iter() if element.tag in ("title", "p")]
    own_heading = blocks[:1] if blocks and abstract.find("title") is blocks[0] else []
    return [block for block in blocks if block not in own_heading] or [abstract]


def _authors(meta: Element) -> list[str]:
    return [
        name
        for contributor in meta.findall("contrib-group/contrib")
        if contributor.get("contrib-type", "author") == "author" and (name := _name(contributor))
    ]


def _name(contributor: Element) -> str:
    for path in ("name", "name-alternatives/name"):
        name = contributor.find(path)
        if name is not None:
            parts = (text_in(name, part) for part in ("surname", "given-names", "suffix"))
            return full_name(*parts)
    whole = ("string-name", "name-alternatives/string-name", "collab", "collab-alternatives/collab")
    return next((said for path in whole if (said := words_in(contributor, path))), "")


def _keywords(meta: Element, language: str | None) -> list[Element]:
    """Return the keywords of the article's own language, or of the first group."""
    groups = meta.findall("kwd-group")
    own = [group for group in groups if group.get(LANGUAGE) in (None, language)]
    return (own or groups)[0].findall(".//kwd") if groups else []
