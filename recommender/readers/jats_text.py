"""The words of JATS: a formula once, whatever ways it is written in, and a line break as white space."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

WAYS = ("math", "textual-form", "tex-math")  # of writing the same, the best first
UNSAID = frozenset(("annotation", "annotation-xml", "contrib-group"))  # TeX in MathML; the members of a group
DOCUMENT = re.compile(r"\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|\Z)", re.DOTALL)


def words_in(element: Element | None, path: str = ".") -> str:
    """Return the text in the element at `path` below `element`, white space made one space."""
    found = element.find(path) if element is not None else None
    return "" if found is None else " ".join("".join(_pieces(found)).split())


def formula(tex: str) -> str:
    r"""Return a formula without the LaTeX document that it is wrapped into.

    >>> formula(r"\documentclass{minimal} \usepackage{x} \begin{document}$$a_1$$\end{document}")
    '$a_1$'
    """
    inner = DOCUMENT.search(tex)
    return (inner[1] if inner else tex).strip().replace("$$", "$")


def _pieces(element: Element) -> Iterator[str]:
    if element.tag == "break":
        yield " "
    if element.tag == "tex-math":
        yield formula("".join(element.itertext()))
        return
    yield element.text or ""
    left_out = _left_out(element)
    for child in element:
        if child not in left_out:
            yield from _pieces(child)
        yield child.tail or ""


def _left_out(element: Element) -> list[Element]:
    """Return the children that are not said, or said by another one."""
    unsaid = [child for child in element if child.tag in UNSAID]
    ways = [child for child in element if element.tag == "alternatives" or child.tag in WAYS]
    if element.tag != "alternatives" and len({child.tag for child in ways}) < 2:
        return unsaid  # formulas beside each other, all written in one way
    best = min((_rank(child) for child in ways), default=0)
    others = [child for child in ways if _rank(child) != best]
    same = [child for child in ways if _rank(child) == best] if element.tag == "alternatives" else []
    return [*unsaid, *others, *same[1:]]


def _rank(child: Element) -> int:
    return WAYS.index(child.tag) if child.tag in WAYS else len(WAYS)
