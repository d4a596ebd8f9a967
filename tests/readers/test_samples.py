"""One sample file per edge case; beside it what must come out, written by hand."""

import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path

import pytest
import zstandard

from recommender.errors import SourceError
from recommender.paper import Paper
from recommender.readers import SourcePaper, detect, read_papers

ONLY_BY_NAME = {
    "plain",
    "one_column.csv",
    "packed",
}  # any line may be a paper; an archive is not packed again
SAMPLES = Path(__file__).parent / "samples"
EXPECTATIONS = sorted(SAMPLES.rglob("*.expected.json"))


@pytest.mark.parametrize("expectation", EXPECTATIONS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_sample_gives_the_papers_the_rejects_and_the_error_beside_it(expectation):
    sample = expectation.with_name(expectation.name.removesuffix(".expected.json"))
    expected = json.loads(expectation.read_text(encoding="utf-8"))
    papers, rejected, error = read_all(sample)
    assert reader_of(sample) == expected["reader"]
    assert papers == [source_paper(record) for record in expected["papers"]]
    assert rejected == [
        (*map(record.get, ("place", "reason", "paper_id")),) for record in expected["rejected"]
    ]
    assert error.startswith(str(sample) if error else "")
    assert error.removeprefix(str(sample)).lstrip(", ") == expected.get("error", "")


def zipped(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("member", content)
    return packed.getvalue()


CALLED = {
    "noname": bytes, "named.csv": bytes, "packed.zip": zipped,
    "a.gz": gzip.compress, "a.xz": lzma.compress, "a.zst": zstandard.compress,
}  # fmt: skip


def is_recognised_by_its_content(expectation):
    expected = json.loads(expectation.read_text(encoding="utf-8"))
    kinds = {expectation.parent.name, expectation.name.removesuffix(".expected.json")}
    return expected["papers"] and not expected.get("error") and not kinds & ONLY_BY_NAME


@pytest.mark.parametrize(
    "expectation",
    [*filter(is_recognised_by_its_content, EXPECTATIONS)],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_a_sample_is_recognised_whatever_it_is_called_and_packed_into(expectation, tmp_path):
    expected = json.loads(expectation.read_text(encoding="utf-8"))
    wanted = [source_paper(record).paper for record in expected["papers"]]
    content = expectation.with_name(expectation.name.removesuffix(".expected.json")).read_bytes()
    for name, packed in CALLED.items():
        path = tmp_path / name
        path.write_bytes(packed(content))
        papers, rejected, error = read_all(path)
        assert (reader_of(path), error) == (expected["reader"], ""), name
        assert [found.paper for found in papers] == wanted, name
        assert len(rejected) == len(expected["rejected"])


def test_every_sample_has_its_expectation():
    samples = {path for path in SAMPLES.rglob("*.*") if path not in EXPECTATIONS}
    assert {path.with_name(path.name.removesuffix(".expected.json")) for path in EXPECTATIONS} == samples


def reader_of(sample):
    try:
        return detect(sample).name
    except SourceError:
        return ""


def read_all(sample):
    papers, rejected = [], []
    try:
        papers.extend(read_papers(sample, rejected.append))
    except SourceError as error:
        problem = str(error)
    else:
        problem = ""
    assert all(reject.path == sample for reject in rejected)
    return papers, [(reject.place, reject.reason, reject.paper_id) for reject in rejected], problem


def source_paper(record):
    place = record.pop("place")
    return SourcePaper(Paper.from_dict(record), place)
