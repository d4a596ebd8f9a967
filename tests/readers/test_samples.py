"""One sample file per edge case; beside it what must come out, written by hand."""

import json
from pathlib import Path

import pytest

from recommender.errors import SourceError
from recommender.paper import Paper
from recommender.readers import SourcePaper, detect, read_papers

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
