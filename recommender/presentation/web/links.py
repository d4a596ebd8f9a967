"""Where the results of a list lead. A page has a hundred such addresses: what they share is quoted once."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus, urlencode

from recommender.presentation.web.asked import PageQuestion, step_to, with_step
from recommender.presentation.web.frame import Frame


@dataclass(frozen=True, slots=True)
class Links:
    """Where one result leads.

    Attributes:
        onward: To the papers similar to it.
        why: To this page with its reasons shown, or hidden where they are.
        alone: To this result alone, as the page shows it then.
        like, unlike: To what is more or less like it; "" where it is asked for already.
    """

    onward: str
    why: str
    alone: str
    like: str
    unlike: str


class Leading:
    """The links of every result of one list."""

    def __init__(self, frame: Frame, asked: PageQuestion, via: Sequence[str], explain: Sequence[str]) -> None:
        """Take the question, the path that led to it, and the ids whose reasons are shown."""
        self._frame = frame
        self._asked = asked
        self._via = via
        self._step = asked.step()
        self._steps = {*via, self._step}
        self._explain = [*explain]
        self._own = urlencode([*asked.pairs(), *(("via", step) for step in via)])
        self._onward = self._path("")

    def of(self, paper_id: str) -> Links:
        """Return where a result leads."""
        quoted = quote_plus(paper_id)
        is_open = paper_id in self._explain
        explain = [name for name in self._explain if name != paper_id]
        if not is_open:
            explain.append(paper_id)
        is_liked, is_unliked = paper_id in self._asked.like, paper_id in self._asked.unlike
        onward = self._path(paper_id) if step_to(paper_id) in self._steps else self._onward
        explained = "" if is_open else f"&explain={quoted}"
        return Links(
            onward=self._to(f"like={quoted}&{onward}" if onward else f"like={quoted}"),
            why=self._to("&".join([self._own, *(f"explain={quote_plus(name)}" for name in explain)])),
            alone=f"{self._to(self._own + explained)}&part={quoted}",
            like="" if is_liked or is_unliked else self._to(f"{self._own}&like={quoted}"),
            unlike="" if is_unliked else self._to(f"{self._own}&unlike={quoted}"),
        )

    def _to(self, query: str) -> str:
        return self._frame.at("/find", query)

    def _path(self, paper_id: str) -> str:
        return urlencode([("via", step) for step in with_step(self._via, self._step, paper_id)])
