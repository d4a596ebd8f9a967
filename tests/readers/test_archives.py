"""Archives with more in them than records."""

import io
import zipfile

import pytest

from recommender.errors import SourceError
from recommender.readers import open_source, read_papers

LINE = '{"id": "1", "title": "产教融合"}\n'


@pytest.fixture
def archive(source):
    def archive_(**files):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as opened:
            for name, text in files.items():
                opened.writestr(name, text)
        return source("a.zip", content.getvalue())

    return archive_


@pytest.mark.parametrize(
    "name", ["README", "papers/README.txt", "LICENSE.md", "figure.png", "说明.txt", "notes"]
)
def test_what_is_plainly_no_file_of_records_is_left_out_and_named(archive, name):
    path = archive(**{name: "These are the papers of\nthe project.", "papers/a.jsonl": LINE})
    notes = []
    assert [found.paper.id for found in read_papers(path, on_note=notes.append)] == ["1"]
    assert [note.partition(" is ")[0] for note in notes] == [name]
    assert open_source(path).format == "jsonl"


def test_an_archive_of_nothing_else_is_read_as_it_is(archive):
    assert [found.paper.abstract for found in read_papers(archive(**{"README.txt": "One line."}))] == [
        "One line."
    ]
    with pytest.raises(SourceError, match="in no known format"):
        read_papers(archive(notes="No format."))


def test_a_damaged_file_of_records_is_not_left_out(archive):
    path = archive(**{"a.jsonl": LINE, "b.csv": "nothing,known\n1,2\n"})
    with pytest.raises(SourceError, match="neither a title nor an abstract"):
        list(read_papers(path))
