"""Every sample, damaged in every way: papers, rejects or a refusal, and nothing else."""

import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import RecommenderError
from recommender.readers import READERS, read_papers

SAMPLES = sorted(
    path
    for path in (Path(__file__).parent / "samples").rglob("*.*")
    if not path.name.endswith(".expected.json")
)
BY_READER = {
    folder: [path for path in SAMPLES if path.parent.name == folder]
    for folder in {p.parent.name for p in SAMPLES}
}
PIECES = [
    b"",
    b"\0",
    b"{",
    b"}",
    b"<",
    b">",
    b'"',
    b"\\",
    b"\n",
    b"&x;",
    b"@",
    b"9999",
    b"\xff",
    b"null",
    b"[[",
    b"ER  - ",
]
CHANGES = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 30), st.sampled_from(PIECES)), min_size=1, max_size=4
)


def damaged(content, changes):
    for position, length, piece in changes:
        start = position % (len(content) + 1)
        content = content[:start] + piece + content[start + length :]
    return content


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("mutations")


@pytest.mark.parametrize("name", sorted(BY_READER))
@settings(deadline=None, max_examples=60)
@given(data=st.data(), changes=CHANGES)
def test_a_damaged_sample_gives_papers_or_an_error_the_user_can_act_on(folder, name, data, changes):
    sample = data.draw(st.sampled_from(BY_READER[name]))
    path = folder / f"damaged{''.join(sample.suffixes)}"
    path.write_bytes(damaged(sample.read_bytes(), changes))
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found.extend(read_papers(path, found.append))
        except RecommenderError as problem:
            found.append(problem)
    assert found
    messages = [str(entry) for entry in found if isinstance(entry, RecommenderError)]
    assert all(message.startswith(str(path)) and message.encode() for message in messages)


def test_every_reader_has_a_sample_to_damage():
    named = {"delimited", "jsonl", "plain", "similar_page"} | {reader.name for reader in READERS}
    assert named - {*BY_READER} == set()
