"""Records in Dublin Core, which says little of what its texts mean: repositories put in what they have."""

import re
from xml.etree.ElementTree import Element

from recommender.readers.bodies import is_body
from recommender.readers.names import bare_doi, split_names
from recommender.readers.parts import YEAR
from recommender.readers.xml_records import text_in
from recommender.text.language import detect_language
from recommender.text.language_codes import language_code

NAMES = (
    "title", "description", "creator", "source", "publisher", "date", "identifier", "subject", "language",
)  # fmt: skip
WEB = ("http://", "https://")
FIRST_PRINTED = 1450  # an earlier "year" is a number of something else
ISSN = re.compile(r"(?:e?issn:?\s*)?\d{4}-\d{3}[\dx]", re.IGNORECASE)
SUBJECT_MARKS = re.compile(r"[;；\n]")
# `Journal; Vol 3 No 2 (2015): Spring; 91-96`, as Open Journal Systems writes it in many languages.
ISSUE = re.compile(
    r"(?P<venue>[^;]+);\s*"
    r"(?:(?:vol(?:ume|umen)?|v|bd|jg|том)\b\.?\s*(?P<volume>[^\s,;:()]+)[\s,]*|第?\s*(?P<juan>\d+)\s*卷[\s,]*)?"
    r"(?:(?:no|nr|núm|num|n|issue|iss|heft|№)(?:\b|(?<=№))[.º°]?\s*(?P<issue>[^\s,;:()]+)\s*|第?\s*(?P<qi>\d+)\s*期\s*)?"
    r"(?:\((?P<year>\d{4})(?:[/-]\d{2,4})?\))?\s*(?::[^;]*)?"
    r"(?:;\s*(?P<pages>[\w.]+(?:\s*[-–—]\s*[\w.]+)?))?\s*",
    re.IGNORECASE,
)


def fields_of_dublin_core(payload: Element) -> dict[str, object]:
    """Return the fields of a paper."""
    said = {name: [*filter(None, map(text_in, payload.findall(name)))] for name in NAMES}
    dois = [doi for text in said["identifier"] if (doi := bare_doi(text)).startswith("10.")]
    issue = _issue(said["source"])
    return {
        "title": next(iter(said["title"]), ""),
        "abstract": _abstract(payload, said),
        "authors": [name for text in said["creator"] for name in _authors(text)],
        "year": _year(said["date"]) or issue["year"],
        "venue": issue["venue"] or next(iter(said["publisher"]), ""),
        "volume": issue["volume"],
        "issue": issue["issue"],
        "pages": issue["pages"],
        "doi": next(iter(dois), ""),
        "url": next((text for text in said["identifier"] if text.startswith(WEB)), ""),
        "keywords": [
            word.strip() for text in said["subject"] for word in SUBJECT_MARKS.split(text) if word.strip()
        ],
        "language": next(iter(said["language"]), ""),
    }


def _year(dates: list[str]) -> str:
    """Return the year of issue: repositories add when they took a paper in, and when they changed it."""
    years = [found[1] for date in dates if (found := YEAR.search(date)) and int(found[1]) >= FIRST_PRINTED]
    return min(years) if years else next(iter(dates), "")


def _issue(sources: list[str]) -> dict[str, str]:
    """Return the venue, and where in it the paper stands.

    >>> [*_issue(["Acta; Vol. 3 No. 2 (2015): Spring; 91-96", "1234-5678"]).values()]
    ['Acta', '3', '2', '2015', '91-96']
    >>> [*_issue(["学报; 第 3 卷 第 2 期 (2015); 91-96"]).values()]
    ['学报', '3', '2', '2015', '91-96']
    >>> [*_issue(["Bees; their lives"]).values()]
    ['Bees; their lives', '', '', '', '']
    """
    source = next((text for text in sources if not ISSN.fullmatch(text)), "")
    found = ISSUE.fullmatch(source)
    said = {name: (text or "").strip() for name, text in found.groupdict().items()} if found else {}
    volume, issue = (said.get(a) or said.get(b, "") for a, b in (("volume", "juan"), ("issue", "qi")))
    if not volume and not issue and not said.get("year"):
        return {"venue": source, "volume": "", "issue": "", "year": "", "pages": ""}
    pages = re.sub(r"\s*[-–—]\s*", "-", said["pages"])
    return {
        "venue": said["venue"], "volume": volume, "issue": issue, "year": said["year"], "pages": pages,
    }  # fmt: skip


def _abstract(payload: Element, said: dict[str, list[str]]) -> str:
    """Return the longest description in the language of the title, or of all if there is none in it."""
    descriptions = [(text, each) for each in payload.findall("description") if (text := text_in(each))]
    if len(descriptions) > 1:
        title = payload.find("title")
        wanted = _language(title, next(iter(said["title"]), "")) if title is not None else ""
        own = [one for one in descriptions if wanted and _language(one[1], one[0]) == wanted]
        descriptions = own or descriptions
    return max((text for text, _ in descriptions), key=len, default="")


def _language(element: Element, text: str) -> str:
    """Return the language that an element says it is in, or that its words are."""
    return language_code(element.get("lang", "")) or detect_language(text)


def _authors(text: str) -> tuple[str, ...]:
    """Return the names of a creator, behind which Open Journal Systems writes the institution.

    >>> _authors("Smith, John; University of Graz"), _authors("王, 作鹏"), _authors("University of Graz")
    (('Smith, John',), ('王作鹏',), ('University of Graz',))
    """
    names = split_names(text)
    return tuple(name for name in names if not is_body(name)) or names
