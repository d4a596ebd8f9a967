"""XML as a stream of records: nothing outside the file is ever looked at, nothing in it can blow up.

By expat, which is given decoded text. A document type is passed over where it only names a definition
elsewhere, as PubMed and JATS do; one that defines entities of its own is refused. Depth and size of a record
are bounded, and elements that nobody reads are not kept.
"""

import html.entities
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from recommender.errors import SourceError
from recommender.readers.source import SourceFile

DEEPEST = 200  # elements within each other
LONGEST_RECORD = 1 << 24  # characters and elements of one record, all that is kept
PROLOGUE = re.compile(
    r"\ufeff?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^\[>]*(?:\[.*?\])?[^>]*>\s*)*", re.DOTALL
)
ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)(?=[\s/>])")
Placed = tuple[str, Element]


def root_of(source: SourceFile) -> str | None:
    """Return the name of the outermost element without its prefix, None where a file is no XML."""
    prologue = PROLOGUE.match(source.head)
    found = ROOT.match(source.head, prologue.end() if prologue else 0)
    return found[1] if found else None


def elements(
    source: SourceFile, names: frozenset[str], *, without: frozenset[str] = frozenset()
) -> Iterator[Placed]:
    """Yield each outermost element with one of `names`, and where it begins: `line 3`.

    Names have no namespaces.

    Args:
        source: The file.
        names: Of the records.
        without: Elements of a record that are left out with everything in them.

    Raises:
        SourceError: The file is no well-formed XML, defines entities, is nested too deeply or has a record
            that is too long.
    """
    found: list[Placed] = []
    builder = _Builder(source, names, without, found)
    for piece in source.pieces():
        builder.feed(piece)
        yield from found
        found.clear()
    builder.feed("", last=True)
    yield from found


def text_in(element: Element | None, path: str = ".") -> str:
    """Return all the text in the element at `path` below `element`, white space made one space."""
    found = element.find(path) if element is not None else None
    return "" if found is None else " ".join("".join(found.itertext()).split())


class _Builder:
    """Makes the elements of the records from what expat reports."""

    def __init__(
        self, source: SourceFile, names: frozenset[str], without: frozenset[str], found: list[Placed]
    ) -> None:
        self._source, self._names, self._without, self._found = source, names, without, found
        self._tree: TreeBuilder | None = None
        self._depth = self._record_depth = self._skipped_depth = self._size = 0
        self._place = ""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._refuse_entity
        parser.SkippedEntityHandler = self._named_entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._parser = parser

    def feed(self, text: str, *, last: bool = False) -> None:
        try:
            self._parser.Parse(text, last)
        except expat.ExpatError as problem:
            raise self._refusal(f"no well-formed XML: {expat.ErrorString(problem.code)}") from problem
        except UnicodeEncodeError as problem:
            raise self._refusal("no well-formed XML: a lone surrogate") from problem

    def _refusal(self, reason: str) -> SourceError:
        line = self._parser.CurrentLineNumber
        return SourceError(f"{self._source.path}, line {line}: {reason}; export it again")

    def _doctype(self, name: str, system_id: str | None, public_id: str | None, has_subset: bool) -> None:
        if has_subset:
            raise self._refusal("the file has a document type definition of its own, which is not read")

    def _refuse_entity(self, *declaration: Any) -> None:
        raise self._refusal("the file defines entities, which are not read")

    def _named_entity(self, name: str, is_parameter: bool) -> None:
        """Resolve what only the definition elsewhere could: the names that HTML has too."""
        text = html.entities.html5.get(f"{name};")
        if text is None and not is_parameter:
            raise self._refusal(f"the entity &{name}; is defined nowhere in the file")
        self._text(text or "")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._refusal(f"elements are nested more than {DEEPEST} deep")
        tag = _local(name)
        if self._tree is None and tag in self._names:
            self._tree, self._record_depth, self._size = TreeBuilder(), self._depth, 0
            self._place = f"line {self._parser.CurrentLineNumber}"
        elif self._tree is not None and not self._skipped_depth and tag in self._without:
            self._skipped_depth = self._depth
        if self._tree is None or self._skipped_depth:
            return
        kept = {_local(key): value for key, value in attributes.items()}
        self._count(1 + sum(map(len, kept.values())))
        self._tree.start(tag, kept)

    def _end(self, name: str) -> None:
        if self._tree is not None and not self._skipped_depth:
            element = self._tree.end(_local(name))
            if self._depth == self._record_depth:
                self._found.append((self._place, element))
                self._tree = None
        if self._skipped_depth == self._depth:
            self._skipped_depth = 0
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._tree is not None and not self._skipped_depth:
            self._count(len(text))
            self._tree.data(text)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > LONGEST_RECORD:
            raise self._refusal(f"a record is longer than {LONGEST_RECORD:,} characters")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
