import json

from recommender.evaluation.evaluate import evaluate
from recommender.evaluation.report import Conditions

LANGUAGES = {"a": "zh", "b": "en", "c": "en"}


def test_a_report_goes_into_json_whole():
    report = evaluate(
        {"a": {"b": 2, "gone": 1}},
        {"a": ["b", "c"]},
        languages=LANGUAGES,
        baseline={"a": ["c", "b"]},
        conditions=Conditions(k=1, seed=5),
    )
    read = json.loads(json.dumps(report.to_dict(), ensure_ascii=False))
    assert read["conditions"] == {"k": 1, "relevant_from": 2, "seed": 5}
    assert (read["n_papers"], read["n_queries"], read["n_unanswered"], read["missing"]) == (3, 1, 0, ["gone"])
    recall = read["metrics"][0]
    assert recall == {
        "metric": "recall@1",
        "relevant_from": 2,
        "n_queries": 1,
        "n_left_out": 0,
        "chance": 0.5,
        "system": {"mean": 1.0, "low": 1.0, "high": 1.0},
        "baseline": {"mean": 0.0, "low": 0.0, "high": 0.0},
        "difference": {"mean": 1.0, "low": 1.0, "high": 1.0, "p": 2 / 1001},
    }
    assert read["language_pairs"] == [{"query_language": "zh", "paper_language": "en", "recall": recall}]
    assert read["notes"] == [*report.notes]


def test_a_ranking_should_be_as_deep_as_the_deepest_metric():
    assert Conditions(k=5).depth == 10
    assert Conditions(k=50).depth == 50
