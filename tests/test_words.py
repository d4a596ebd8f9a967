"""Words of two characters find the papers that have them, in the sample and by the model that ships."""

import json

import pytest

from recommender.evaluation import judgements
from recommender.sample import sample_pairs, sample_papers
from recommender.settings import Settings
from recommender.text.han import simplified
from recommender.workspace import Workspace

PAPERS = sample_papers()
SAME_TOPIC = 2


@pytest.fixture(scope="module")
def recommender(sample_home):
    return Workspace(Settings(home=sample_home)).recommender()


@pytest.mark.parametrize("word", ["产教", "职教", "產教", "碳价", "瓷器", "土壤", "電池"])
def test_a_word_of_two_characters_finds_all_its_papers(recommender, word):
    having = {paper.id for paper in PAPERS if simplified(word) in paper.text and paper.language == "zh"}
    assert having
    found = [result.paper.id for result in recommender.similar_to_text(word, k=len(PAPERS)).results]
    assert having <= {*found[: 3 * len(having) + 3]}


def test_a_chinese_question_whose_only_relatives_are_english_finds_them(tmp_path, warm):
    grades = judgements.read(sample_pairs())["9"]
    relatives = {p.id for p in PAPERS if grades.get(p.id, 0) >= SAME_TOPIC and p.language == "en"}
    question = next(paper for paper in PAPERS if paper.id == "9")
    corpus = [paper for paper in PAPERS if paper.id in relatives]
    corpus += [p for p in PAPERS if p.language == "zh" and p.subject != question.subject]
    file = tmp_path / "papers.jsonl"
    lines = [json.dumps(paper.as_dict(), ensure_ascii=False) for paper in corpus]
    file.write_text("\n".join(lines), encoding="utf-8")
    workspace = Workspace(Settings(home=warm(tmp_path / "home")))
    with workspace.writing():
        workspace.import_files([file])
        workspace.rebuild()
    found = workspace.recommender().similar_to_text(question.text, k=5).results
    assert len(relatives) >= 2
    assert relatives <= {result.paper.id for result in found}
