import pytest

from recommender.readers import read_papers


@pytest.fixture
def source(tmp_path):
    """Write a source file of the given name and content, text or bytes; return its path."""

    def source_(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return source_


@pytest.fixture
def read(source):
    """Return the papers that are read from a file of the given name and content."""

    def read_(name, content, **options):
        return [found.paper for found in read_papers(source(name, content), **options)]

    return read_


@pytest.fixture
def seed(shared):
    """The real page of 20 similar papers, the fifteenth of them blank."""
    return shared / "seed" / "similar_page.txt"
