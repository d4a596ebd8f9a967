"""The words of the pages, in Chinese and in English."""

import json
from functools import cache
from pathlib import Path
from typing import Any

LOCALES = Path(__file__).parent / "locale"
TONGUES = ("zh", "en")
HTML_LANGUAGES = {"zh": "zh-CN", "en": "en"}
HIGHEST_QUALITY = 1.0


class Words:
    """The words of one language."""

    def __init__(self, tongue: str) -> None:
        self.tongue = tongue
        self.html = HTML_LANGUAGES[tongue]
        self._known: dict[str, Any] = _read(tongue)

    def __call__(self, key: str, **values: Any) -> str:
        """Return a text with its values; of two texts the first is for one, the second for any other `n`."""
        text = self._known["texts"][key]
        if isinstance(text, list):
            text = text[values["n"] != 1]
        return str(text).format(**values)

    @property
    def texts(self) -> dict[str, Any]:
        """The texts as they are, by their keys: what has no values in it needs no call."""
        texts: dict[str, Any] = self._known["texts"]
        return texts

    def language(self, code: str) -> str:
        """Return the name of a language, its code where it has none here."""
        return str(self._known["languages"].get(code, code.upper() or self("unknown")))

    def subject(self, name: str) -> str:
        """Return the usual name of a discipline, the name itself where it is none of the usual."""
        return str(self._known["subjects"].get(name.casefold(), name))

    @property
    def subjects(self) -> str:
        """The usual names of disciplines as JSON."""
        return json.dumps(self._known["subjects"], ensure_ascii=False)

    def label(self, words: str) -> str:
        """Return a label of likeness."""
        return str(self._known["labels"][words]) if words else ""


def tongue_of(accepted: str) -> str:
    """Return the language of the pages that a browser would rather have, by its Accept-Language.

    >>> tongue_of("de, en;q=0.8, zh;q=0.9"), tongue_of("en-GB,en"), tongue_of("fr"), tongue_of("")
    ('zh', 'en', 'en', 'zh')
    """
    wanted: dict[str, float] = {}
    for part in accepted.split(","):
        name, _, parameters = part.partition(";")
        try:
            quality = float(parameters.partition("=")[2]) if parameters else HIGHEST_QUALITY
        except ValueError:
            quality = 0.0
        code = name.strip().lower().partition("-")[0]
        if code in TONGUES:
            wanted[code] = max(quality, wanted.get(code, 0.0))
    if not wanted:
        return "en" if accepted.strip() else "zh"
    return max(TONGUES, key=lambda code: wanted.get(code, 0.0))


@cache
def _read(tongue: str) -> dict[str, Any]:
    known: dict[str, Any] = json.loads((LOCALES / f"{tongue}.json").read_text(encoding="utf-8"))
    return known
