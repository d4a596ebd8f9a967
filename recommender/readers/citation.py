"""The citation line of Chinese journal platforms: `王作鹏 《教育与职业》2021,998(22):91-96`."""

import re
from typing import Any

from recommender.readers.names import split_citation_authors

LONGEST_LINE = 500  # characters; a longer line is an abstract, whatever it begins with
CITATION = re.compile(
    r"(?P<authors>[^《》]*)《(?P<venue>[^《》]+)》\s*(?P<year>\d{4})年?"
    r"(?:\s*[,，]\s*(?P<volume>[^\s,，()（）:：]*))?"
    r"(?:\s*[(（](?P<issue>[^()（）]*)[)）])?"
    r"(?:\s*[:：]\s*(?P<pages>[\dA-Za-z+,，;\-–—~～ ]*))?"
    r"[.．]?"
)


def parse_citation(line: str) -> dict[str, Any] | None:
    """Return the fields of a paper that a citation line holds, None where `line` is not one.

    >>> parse_citation("张三,李四 《学报》2019,(S1):1-5")
    {'authors': ('张三', '李四'), 'venue': '学报', 'year': 2019, 'volume': '', 'issue': 'S1', 'pages': '1-5'}
    >>> parse_citation("《教育与职业》是一种期刊") is None
    True
    """
    if len(line) > LONGEST_LINE or not (match := CITATION.fullmatch(line.strip())):
        return None
    return {
        "authors": split_citation_authors(match["authors"]),
        "venue": match["venue"].strip(),
        "year": int(match["year"]),
        "volume": (match["volume"] or "").strip(),
        "issue": (match["issue"] or "").strip(),
        "pages": (match["pages"] or "").strip(),
    }
