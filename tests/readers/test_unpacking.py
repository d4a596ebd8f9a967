import bz2
import gzip
import io
import lzma
import zipfile

import pytest
import zstandard

from recommender.errors import SourceError
from recommender.readers import read_papers, unpacking
from recommender.readers import source as source_module
from recommender.readers.source import SourceFile

LINE = '{"id": "1", "title": "产教融合"}\n'.encode()
LARGE = unpacking.FREE_BYTES + 1
BOMBS = {
    "gz": lambda: gzip.compress(b" " * LARGE, 9),
    "xz": lambda: lzma.compress(b" " * LARGE, preset=0),
    "zst": lambda: zstandard.compress(b" " * LARGE),
}


def archive(entries):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in entries:
            opened.writestr(name, text)
    return content.getvalue()


def refusal(path):
    with pytest.raises(SourceError) as caught:
        list(read_papers(path))
    return str(caught.value).removeprefix(f"{path} ")


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_before_it_fills_the_memory(source, kind):
    content = BOMBS[kind]()
    assert len(content) < LARGE / 200
    assert refusal(source(f"a.jsonl.{kind}", content)).startswith("expands to more than 300 times its size")


def test_a_bomb_in_an_archive_is_refused_by_what_it_says_of_itself(source):
    path = source("a.zip", archive([("a.jsonl", bytes(LARGE // 2)), ("b.jsonl", bytes(LARGE // 2 + 1))]))
    assert refusal(path).startswith("expands to more than 300 times its size")


def test_an_xz_file_that_asks_for_too_much_memory_is_refused(source, monkeypatch):
    path = source("a.jsonl.xz", lzma.compress(LINE))
    assert [found.paper.id for found in read_papers(path)] == ["1"]
    monkeypatch.setattr(unpacking, "XZ_MEMORY", 1 << 20)
    assert refusal(path).startswith("is damaged: Memory usage limit")


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(LINE)[:-1],
        lzma.compress(LINE)[:-4],
        zstandard.compress(LINE)[:-3],
        gzip.compress(LINE)[:12],
    ],
    ids=["gz", "xz", "zst", "gz header"],
)
def test_a_file_that_is_cut_off_is_never_read_as_a_shorter_one(source, content):
    assert (
        refusal(source("a.jsonl", content)) == "is cut off: its compressed data end too early; copy it again"
    )


@pytest.mark.parametrize(
    "compressed",
    [
        bz2.compress,
        gzip.compress,
        lzma.compress,
        zstandard.ZstdCompressor(write_checksum=True).compress,  # the only one that has a choice
    ],
    ids=["bz2", "gz", "xz", "zst"],
)
def test_damaged_bytes_are_called_damaged(source, compressed):
    content = bytearray(compressed(LINE * 50))
    content[20] ^= 255
    assert refusal(source("a.jsonl", bytes(content))).startswith("is damaged: ")


def test_an_encrypted_member_is_refused(source):
    content = bytearray(archive([("a.jsonl", LINE)]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    assert "a.zip, a.jsonl is encrypted; unpack the archive first" in refusal(source("a.zip", bytes(content)))


def test_too_many_members_are_refused(source, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 1)
    assert "holds 2 files; at most 1" in refusal(
        source("a.zip", archive([("a.jsonl", LINE), ("b.jsonl", LINE)]))
    )


def test_names_in_an_archive_are_shown_and_never_opened(source, tmp_path):
    names = ["/etc/passwd", "../a.jsonl", str(tmp_path / "b.jsonl"), "c\x1b[2J.jsonl"]
    texts = [(name, f'{{"id": "{number}", "title": "x"}}\n') for number, name in enumerate(names)]
    path = source("a.zip", archive(texts))
    places = [found.place for found in read_papers(path)]
    assert places == [
        "/etc/passwd, line 1",
        "../a.jsonl, line 1",
        f"{tmp_path}/b.jsonl, line 1",
        "c?[2J.jsonl, line 1",
    ]
    assert {entry.name for entry in tmp_path.iterdir()} == {"a.zip"}


def test_what_is_compressed_three_times_is_read_and_a_fourth_time_refused(source):
    thrice = gzip.compress(lzma.compress(gzip.compress(LINE)))
    assert [found.paper.id for found in read_papers(source("a.jsonl.gz", thrice))] == ["1"]
    assert refusal(source("b.jsonl.gz", gzip.compress(thrice))).startswith("is compressed too many times")


def test_the_ending_behind_that_of_a_compression_is_the_one_of_the_format(source):
    assert SourceFile(source("a.TSV.gz", gzip.compress(b"abstract\nx, y\n"))).suffix == ".tsv"


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_what_does_not_fit_in_memory_is_refused(source, monkeypatch, name):
    monkeypatch.setattr(source_module, "MOST_IN_MEMORY", 20)
    content = (
        '[{"title": "a title that is longer"}]' if name == "a.json" else '{"title": "a title that is longer"}'
    )
    with pytest.raises(SourceError, match=r"(more|longer) than 20 characters"):
        list(read_papers(source(name, content)))
