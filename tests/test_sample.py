"""The whole program on the bundled sample: floors that character TF-IDF does not reach."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from recommender.evaluation.baselines import character_tfidf
from recommender.evaluation.of_builds import evaluate_run, run_of
from recommender.evaluation.report import Conditions
from recommender.paper import Paper
from recommender.settings import Settings, bundled
from recommender.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(sample_home):
    return Workspace(Settings(home=sample_home))


@pytest.fixture(scope="module")
def report(workspace):
    build, qrels = workspace.judged()
    return evaluate_run(build, qrels, run_of(build, qrels), Conditions())


@pytest.fixture(scope="module")
def papers():
    lines = bundled("data", "sample.jsonl").read_text(encoding="utf-8").splitlines()
    return [Paper.from_dict(json.loads(line)) for line in lines]


@pytest.fixture(scope="module")
def design():
    with bundled("data", "sample_design.tsv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file, delimiter="\t")}


@pytest.mark.parametrize(
    ("metric", "floor"), [("recall@10", 0.56), ("hit@10", 0.97), ("MRR@10", 0.88), ("nDCG@10", 0.65)]
)
def test_the_program_reaches_what_tfidf_does_not(report, metric, floor):
    measured = report.by_metric[metric]
    assert measured.system.mean >= floor
    assert measured.baseline.high < floor
    assert measured.difference.is_significant


def test_every_judged_paper_is_answered(report):
    assert (report.n_queries, report.n_unanswered, report.missing) == (300, 0, ())


@pytest.mark.parametrize(
    ("pair", "floor"), [("zh→en", 0.60), ("en→zh", 0.60), ("en→en", 0.50), ("zh→zh", 0.60)]
)
def test_chinese_and_english_find_their_own_and_each_other(report, pair, floor):
    recall = next(entry.recall for entry in report.language_pairs if entry.name == pair)
    assert recall.system.mean >= floor
    if pair != "zh→zh":  # shared characters give all ten places to Chinese papers
        assert recall.baseline.mean < floor


def test_a_translation_is_nearer_than_most_of_the_topic(workspace, design):
    recommender = workspace.recommender()
    translations = [row for row in design.values() if row["role"] == "translation"]
    ranks = []
    for row in translations:
        found = [r.paper.id for r in recommender.similar_to(row["id"], k=10).results]
        ranks.append(found.index(row["work"]) + 1 if row["work"] in found else 99)
    assert sum(rank <= 3 for rank in ranks) >= 0.8 * len(ranks)


def test_decoys_deceive_the_program_less_than_shared_characters_do(workspace, papers, design):
    recommender = workspace.recommender()
    core = [paper_id for paper_id, row in design.items() if row["role"] == "core"]
    lexical = character_tfidf({paper.id: paper.text for paper in papers}, k=5, queries=core)
    answered = {
        paper_id: [result.paper.id for result in recommender.similar_to(paper_id, k=5).results]
        for paper_id in core
    }
    shares = [
        sum(design[found]["role"] == "decoy" for ranked in run.values() for found in ranked) / (5 * len(core))
        for run in (answered, lexical)
    ]
    assert shares[0] < 0.145 < shares[1]


def test_who_wrote_a_paper_is_found_by_name_and_by_name_and_keyword(workspace, papers):
    recommender = workspace.recommender()
    for paper in papers[::4]:
        for name in paper.authors:
            own = {other.id for other in papers if name in other.authors}
            assert {one.paper.id for one in recommender.similar_to_text(name, len(own)).results} == own
            (found,) = recommender.similar_to_text(f"{name} {paper.keywords[0]}", 1).results
            assert name in found.paper.authors


def test_the_corpus_is_as_its_readme_says(papers, design):
    languages = Counter(paper.language for paper in papers)
    assert len(papers) == len({paper.text for paper in papers}) == 360
    assert [paper.id for paper in papers] == [str(number) for number in range(1, 361)]
    assert (languages["zh"], languages["en"]) == (180, 120)
    assert set(languages) == {"zh", "en", "ja", "ko", "de", "fr", "es", "ru"}
    topics = Counter(row["topic"] for row in design.values())
    assert set(topics.values()) == {12}
    assert len(topics) == 30


def test_the_pairs_are_those_of_the_design(tmp_path, monkeypatch):
    import importlib.util

    script = Path(bundled("data")).parent / "scripts" / "make_known_pairs.py"
    spec = importlib.util.spec_from_file_location("make_known_pairs", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "sample_design.tsv").write_bytes(bundled("data", "sample_design.tsv").read_bytes())
    monkeypatch.setattr(module, "DATA", tmp_path)
    module.main()
    written = (tmp_path / "known_similar_pairs.tsv").read_bytes()
    assert written == bundled("data", "known_similar_pairs.tsv").read_bytes()
