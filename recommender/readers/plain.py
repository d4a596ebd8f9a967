"""Plain text: one abstract a line."""

from collections.abc import Iterator

from recommender.paper import Paper
from recommender.readers.reader import Reject, SourcePaper, rejection
from recommender.readers.source import SourceFile


class PlainText:
    """Reads every line as an abstract, whose id is the number of the line.

    Blank lines hold no record, but are counted: the id stays the line that an editor shows.
    """

    name = "plain"
    suffixes: tuple[str, ...] = (".txt",)

    def matches(self, source: SourceFile) -> bool:
        """Return False: any text could be a list of abstracts, so only the suffix can say that it is."""
        return False

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        for number, line in enumerate(source.lines(), start=1):
            if not (abstract := line.strip()):
                continue
            place = f"line {number}"
            try:
                paper = Paper(id=str(number), abstract=abstract)
            except ValueError as problem:
                on_reject(rejection(source.path, place, problem, str(number)))
            else:
                yield SourcePaper(paper, place)
