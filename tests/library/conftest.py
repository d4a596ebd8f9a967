"""Small sources, made by hand."""

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from recommender.errors import RecordError
from recommender.library import Library, LibraryPapers, Source
from recommender.paper import Paper

NOBODY = 65534
NIGHT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)


class Line(NamedTuple):
    paper: Paper
    place: str


def paper(paper_id, title="", **fields):
    return Paper(id=paper_id, title=title, **{"language": "en", **fields})


def source(name, *records):
    """A source whose record on line n is `records[n - 1]`: a paper, or a text that says why it is none."""

    def read(on_reject):
        for number, record in enumerate(records, start=1):
            if isinstance(record, Paper):
                yield Line(record, f"line {number}")
            else:
                on_reject(RecordError(Path(name), f"line {number}", record, paper_id=None))

    return Source(name=name, format="lines", read=read)


def digest_of(path):
    """Return the digest of what a library holds."""
    return LibraryPapers(path).digest


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "library.db"


@pytest.fixture
def library(path):
    with Library.open(path, create=True) as opened:
        yield opened


@pytest.fixture
def three(library):
    """A library with the papers b, a and c, in this order, of one source."""
    library.import_papers(
        [source("first.txt", paper("b", "Bees"), paper("a", "Ants"), paper("c", "Crabs"))], now=NIGHT
    )
    return library


@pytest.fixture
def unprivileged_folder():
    """A folder that can be closed with chmod, also where the tests run as root."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield folder
    if is_root:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)
