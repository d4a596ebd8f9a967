"""What stands in the fields of BibTeX: strings put together, and what an entry takes from another one."""

from collections.abc import Mapping

Entries = Mapping[str, Mapping[str, str]]  # key in lower case → fields by name
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# What a paper has in common with the volume it stands in; its text, address and people are its own.
SHARED = (
    "booktitle", "journal", "journaltitle", "year", "date", "volume", "number", "publisher", "school",
    "institution", "howpublished", "language", "langid",
)  # fmt: skip
MOST_STEPS = 5  # from an entry to the one it refers to: a circle ends


class Strings:
    """What `@string` defines."""

    def __init__(self) -> None:
        self._values = {month: month for month in MONTHS}

    def define(self, name: str, raw: str) -> None:
        self._values[name.lower()] = self.value(raw)

    def value(self, raw: str) -> str:
        """Return what a value as it is written says; a name that nothing defines stays.

        >>> strings = Strings()
        >>> strings.define("acta", "{Acta} # { Bot}")
        >>> strings.value('acta # " B"'), strings.value("{a # b}"), strings.value('"x" # unknown')
        ('Acta Bot B', 'a # b', 'xunknown')
        """
        return "".join(map(self._said, _parts(raw.strip())))

    def _said(self, part: str) -> str:
        if len(part) > 1 and (part[0], part[-1]) in (("{", "}"), ('"', '"')):
            return part[1:-1]
        return self._values.get(part.lower(), part)


def inherited(fields: Mapping[str, str], entries: Entries) -> Mapping[str, str]:
    """Return the fields of an entry, and what it has from the one of `entries` that its `crossref` names.

    >>> inherited({"title": "A", "crossref": "P"}, {"p": {"title": "B", "year": "2015", "doi": "10.1/b"}})
    {'title': 'A', 'crossref': 'P', 'booktitle': 'B', 'year': '2015'}
    """
    own = dict(fields)
    parent: Mapping[str, str] = own
    for _ in range(MOST_STEPS):
        if (found := entries.get(parent.get("crossref", "").strip().lower())) is None:
            break
        parent = found
        if title := parent.get("booktitle") or parent.get("title"):
            own.setdefault("booktitle", title)
        for name in SHARED:
            if name in parent and not (name in ("year", "date") and own.keys() & {"year", "date"}):
                own.setdefault(name, parent[name])
    return own


def _parts(raw: str) -> list[str]:
    """Return what `#` joins; within braces or quotes it is a character."""
    parts, start, depth, quoted = [], 0, 0, False
    if "#" not in raw:
        return [raw]
    for place, character in enumerate(raw):
        if character in "{}" and raw[place - 1 : place] != "\\":
            depth += 1 if character == "{" else -1
        elif character == '"' and depth == 0:
            quoted = not quoted
        elif character == "#" and depth == 0 and not quoted:
            parts.append(raw[start:place].strip())
            start = place + 1
    return [*parts, raw[start:].strip()]
