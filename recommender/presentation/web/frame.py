"""What every page stands in: its language and theme, its addresses, its template."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recommender.paper import Paper
from recommender.presentation.web.service import Service
from recommender.presentation.web.shelf import Opened
from recommender.presentation.web.shown import Card, Written
from recommender.presentation.web.words import TONGUES, Words, tongue_of
from recommender.presentation.web.written import FRESH

HERE = Path(__file__).parent
STATIC, ATLAS = HERE / "static", HERE.parent / "atlas"
THEMES = ("auto", "light", "dark")
CHOICES = {"ui": TONGUES, "theme": THEMES}  # kept in cookies once they were in an address
A_YEAR = 365 * 24 * 3600
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Frame:
    """One request for a page, read."""

    request: Request
    words: Words
    theme: str
    chosen: dict[str, str]
    carried: str  # what every address of a page ends with: a choice, until the cookie is known to hold it

    @classmethod
    def of(cls, request: Request) -> "Frame":
        """Read language and theme: from the address, else the cookie, else what the browser prefers."""
        chosen = {
            name: request.query_params[name]
            for name, values in CHOICES.items()
            if request.query_params.get(name) in values
        }
        kept = {n: request.cookies[n] for n, values in CHOICES.items() if request.cookies.get(n) in values}
        tongue = (kept | chosen).get("ui") or tongue_of(request.headers.get("accept-language", ""))
        carried = urlencode([(n, v) for n, v in chosen.items() if request.cookies.get(n) != v])
        return cls(request, Words(tongue), (kept | chosen).get("theme", "auto"), chosen, carried)

    @property
    def is_led(self) -> bool:
        """Whether the address says more than one thing: there are such pages without end."""
        return len(self.request.query_params.multi_items()) > 1

    def to(self, path: str, pairs: Pairs | None = None) -> str:
        """Return an address of the site."""
        return self.at(path, urlencode(pairs) if pairs else "")

    def at(self, path: str, query: str) -> str:
        """Return an address of the site, whose query is quoted already."""
        query = f"{query}&{self.carried}" if query and self.carried else query or self.carried
        return f"{self.request.scope.get('root_path', '')}{quote(path)}" + (f"?{query}" if query else "")

    def here(self, **choice: str) -> str:
        """Return the address of this page with another choice."""
        pairs = [(n, v) for n, v in self.request.query_params.multi_items() if n not in (*choice, "part")]
        path = self.request.url.path
        return f"{quote(path)}?{urlencode([*pairs, *choice.items()])}"

    def whole(self, path: str, pairs: Pairs | None = None) -> str:
        """Return an address of the site as other sites need it."""
        url = self.request.base_url
        query = f"?{urlencode(pairs)}" if pairs else ""
        return f"{str(url).rstrip('/')}{quote(path)}{query}"


class Pages:
    """Fills templates."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def text(self, template: str, frame: Frame, opened: Opened | None, **values: Any) -> str:
        """Return a filled template."""
        return self._templates.get_template(template).render(
            **_words_of(frame),
            frame=frame,
            title=self._service.site.title or frame.words("site"),
            manifest=opened.build.manifest if opened else None,
            asset=asset,
            **values,
        )

    def writing(self, frame: Frame, opened: Opened) -> Callable[[Paper], Written]:
        """Return what writes down a paper of a build, once for all pages in one language."""
        place = frame.at("", ""), frame.words.tongue
        parts: Any = None

        def written(paper: Paper) -> Written:
            nonlocal parts
            key = Written, paper.id, place
            kept = opened.kept.get(key)
            if isinstance(kept, Written):
                return kept
            parts = parts or self._templates.get_template("parts.html").make_module(_words_of(frame))
            card = Card.of(paper)
            fresh = Written(card, parts.byline(card), parts.abstract(card))
            opened.kept.put(key, fresh)
            return fresh

        return written

    def reply(self, text: str, frame: Frame, status: int = 200) -> Response:
        """Return a page; what was chosen in its address is remembered."""
        response = HTMLResponse(text, status, {"Vary": "Accept-Language, Cookie", **FRESH})
        for name, value in frame.chosen.items():
            response.set_cookie(name, value, max_age=A_YEAR, samesite="lax", httponly=True)
        return response


def _words_of(frame: Frame) -> dict[str, Any]:
    return {"t": frame.words, "says": frame.words.texts, "to": frame.to}


@cache
def asset(name: str) -> str:
    """Return the path of a file of the pages, with its digest, so that browsers may keep it."""
    return f"/static/{hashlib.sha256(file_of(name).read_bytes()).hexdigest()[:12]}/{name}"


def file_of(name: str) -> Path:
    """Return a file of the pages, or of the map."""
    return STATIC / name if (STATIC / name).exists() else ATLAS / name
