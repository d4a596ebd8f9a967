"""The generator of the benchmarks: the same papers every time, with new terms and with neighbours."""

import importlib.util
import itertools
import json
import lzma
import statistics
from pathlib import Path

import pytest

from recommender.text.tokens import tokens

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "written_papers.py"


@pytest.fixture(scope="module")
def script():
    specification = importlib.util.spec_from_file_location("written_papers", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def first(script, n, data=None, style=None):
    return [*itertools.islice(script.papers_of(data, style or script.SHORT), n)]


def test_written_papers_are_the_same_every_time_and_bring_new_terms(script):
    papers = first(script, 400)
    assert papers == first(script, 400)
    assert not any(mark in text for paper in papers for text in paper for mark in "\t\n")
    assert all(len(tokens("\n\n".join(paper))) > 0.9 * script.SHORT.shortest for paper in papers)
    few, more = ({word for paper in papers[:n] for word in tokens(" ".join(paper))} for n in (200, 400))
    assert 1.2 * len(few) < len(more) < 2 * len(few)


def test_a_smaller_corpus_is_the_beginning_of_a_larger_one(script, tmp_path):
    script.write_papers(30, tmp_path / "papers.jsonl")
    records = [*map(json.loads, (tmp_path / "papers.jsonl").read_text(encoding="utf-8").splitlines())]
    assert records == [*itertools.islice(script.records_of(60), 30)]
    assert len({record["id"] for record in records}) == 30


def test_lengths_spread_and_papers_of_a_topic_share_terms(script):
    papers = first(script, 300, style=script.USUAL)
    lengths = [len(tokens(abstract)) for _, abstract in papers]
    shortest, longest, _ = script.USUAL
    assert shortest < statistics.median(lengths) < longest
    assert max(lengths) > 2 * min(lengths)
    assert nearest(papers) > 1.15 * nearest(first(script, 300, style=script.USUAL._replace(shared=0)))


def nearest(papers):
    """Return the mean share of its words that a paper has in common with its nearest one."""
    words = [{*tokens(abstract)} for _, abstract in papers]
    return sum(
        max(len(own & other) / len(own | other) for other in words if other is not own) for own in words
    ) / len(words)


def test_real_papers_come_first_as_they_are_and_mixtures_of_two_of_a_field_follow(script, tmp_path):
    (tmp_path / "papers").mkdir()
    english = [
        ("Soil moisture here", "Moisture was measured. It varies. We conclude.", "soil"),
        ("Soil carbon there", "Carbon was measured. It grows. They conclude.", "soil"),
        ("Stars far away", "Light arrived late. Nobody knew why.", "sky"),
    ]
    papers = {
        "chinaxiv_zh": [("微塑料的来源", "以汉江下游为对象。采集表层水样品。", "water")],
        "arxiv_en": english,
        "chinaxiv_en": [("", "A paper without a title is left out.", "")],
    }
    for name in script.REAL:
        lines = [
            json.dumps({"title": title, "abstract": abstract, "label": label})
            for title, abstract, label in papers.get(name, [])
        ]
        (tmp_path / "papers" / f"{name}.jsonl.xz").write_bytes(lzma.compress("\n".join(lines).encode()))
    found = first(script, 204, tmp_path)
    assert {*found[:4]} == {paper[:2] for paper in [*papers["chinaxiv_zh"], *english]}
    mixed = [abstract for _, abstract in found[5::2]]
    assert all(("Light" in abstract) + ("measured" in abstract) < 2 for abstract in mixed)
    assert any("Moisture" in abstract and "grows" in abstract for abstract in mixed)
    words = [word for abstract in mixed for word in abstract.replace(".", "").split()]
    known = {word for _, abstract, _ in english for word in abstract.replace(".", "").split()}
    assert 0.01 < sum(word not in known for word in words) / len(words) < 0.1
