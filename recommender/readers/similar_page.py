"""The 相似文献 page of a Chinese journal platform, as copied text or as HTML."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from recommender.errors import SourceError
from recommender.paper import Paper
from recommender.readers.citation import parse_citation
from recommender.readers.markup import is_markup, text_of
from recommender.readers.reader import Reject, SourcePaper, rejection
from recommender.readers.source import SourceFile

LINK = "相似文献"  # stands behind every record that has a text
SENTENCE_ENDS = tuple("。．.!！?？…；;”\"’')）】》")
STATED = re.compile(r"共(?:查询|检索)?到\s*(\d{1,9})\s*[条篇]")
NUMBER = re.compile(r"(\d{1,9})\.")
FOOTER = re.compile(r"设为首页\s*\||Copyright\s*©|版权所有\s*[©:：]", re.IGNORECASE)


class SimilarPage:
    """Reads the numbered records of the page; their numbers are the ids.

    A record may have a citation line, and a title line before that one; the rest is its abstract. A
    number without any text is a blank paper. The page states how many records it lists: if it has
    another number of them, the page is rejected, apart from the records that are there.
    """

    name = "similar_page"
    suffixes: tuple[str, ...] = (".html", ".htm")

    def matches(self, source: SourceFile) -> bool:
        if LINK not in source.head:
            return False
        try:
            return any(map(NUMBER.fullmatch, _lines(source.head)))
        except ValueError:
            return False

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        try:
            lines = _lines(source.text())
        except ValueError as problem:
            raise SourceError(f"{source.path} is damaged HTML ({problem}); save the page again") from problem
        starts = _starts(lines)
        _check(lines, starts, source.path, on_reject)
        ends = [*(position for position, _ in starts), len(lines)][1:]
        for (start, number), end in zip(starts, ends, strict=True):
            block = lines[start + 1 : end]
            is_last = end == len(lines)
            yield from _record(number, _without_footer(block) if is_last else block, source.path, on_reject)


def _lines(page: str) -> list[str]:
    """Return the lines that have content, trimmed."""
    text = text_of(page) if is_markup(page) else page
    return [line for raw in text.split("\n") if (line := raw.strip())]


def _starts(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return the position and the number of each line that begins a record: 1., 2., 3. and so on.

    A lone number behind the end of a record begins the next one. Any other is taken for one only if it
    is the number expected, and does not stand behind the end of a record further down: so the numbered
    list of an abstract does not become records.
    """
    last_sure = {line: position for position, line in enumerate(lines) if _is_sure_start(lines, position)}
    starts: list[tuple[int, int]] = []
    latest = 0
    for position, line in enumerate(lines):
        if not (match := NUMBER.fullmatch(line)):
            continue
        number = int(match[1])
        is_expected = number == latest + 1 and last_sure.get(line, -1) < position
        if is_expected or (number > latest and _is_sure_start(lines, position)):
            starts.append((position, number))
            latest = number
    return starts


def _is_sure_start(lines: Sequence[str], position: int) -> bool:
    """Return whether a lone number follows the link of a record or the number that the page states."""
    if position == 0 or not NUMBER.fullmatch(lines[position]):
        return False
    before = lines[position - 1]
    return _before_link(before) is not None or STATED.search(before) is not None


def _check(lines: Sequence[str], starts: Sequence[tuple[int, int]], path: Path, on_reject: Reject) -> None:
    header = lines[: starts[0][0]] if starts else lines
    stated = next((int(match[1]) for line in header if (match := STATED.search(line))), None)
    if not starts and stated != 0:
        raise SourceError(f"{path} is no page of 相似文献: no line `1.` begins a record; check the format")
    if stated not in (None, len(starts)):
        problem = ValueError(f"page states {stated} records, {len(starts)} found")
        on_reject(rejection(path, "page header", problem))


def _before_link(line: str) -> str | None:
    """Return the text before the link that ends a record, None where `line` does not end with one.

    >>> _before_link("提供支持。 相似文献")
    '提供支持。'
    >>> _before_link("本文研究相似文献") is None  # a word of the sentence
    True
    """
    if not line.endswith(LINK):
        return None
    before = line.removesuffix(LINK)
    if before and not before[-1].isspace() and not before.endswith(SENTENCE_ENDS):
        return None
    return before.rstrip()


def _without_footer(block: list[str]) -> list[str]:
    """Return the block of the last record without the rest of the page, which no number ends."""
    footer = next((position for position, line in enumerate(block) if FOOTER.match(line)), len(block))
    links = [position for position, line in enumerate(block[:footer]) if _before_link(line) is not None]
    return block[: links[-1] + 1] if links else block[:footer]


def _record(number: int, block: list[str], path: Path, on_reject: Reject) -> Iterator[SourcePaper]:
    place, paper_id = f"record {number}", str(number)
    text, rest = _split_at_link(block)
    try:
        paper = _paper(paper_id, text)
    except ValueError as problem:
        on_reject(rejection(path, place, problem, paper_id))
    else:
        yield SourcePaper(paper, place)
    if rest:
        unnumbered = ValueError(f"text without a record number: {rest[0]!r}")
        on_reject(rejection(path, f"after {place}", unnumbered))


def _split_at_link(block: list[str]) -> tuple[list[str], list[str]]:
    for position, line in enumerate(block):
        if (before := _before_link(line)) is not None:
            return [*block[:position], before], block[position + 1 :]
    return block, []


def _paper(paper_id: str, lines: list[str]) -> Paper:
    for position, line in enumerate(lines[:2]):
        if citation := parse_citation(line):
            abstract = "\n".join(lines[position + 1 :])
            return Paper(id=paper_id, title="".join(lines[:position]), abstract=abstract, **citation)
    return Paper(id=paper_id, abstract="\n".join(lines))
