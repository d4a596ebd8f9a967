from math import log2

import pytest

from recommender.errors import UsageError
from recommender.evaluation.evaluate import Queries, evaluate
from recommender.evaluation.intervals import Estimate
from recommender.evaluation.report import Conditions

LANGUAGES = {"z1": "zh", "z2": "zh", "e1": "en", "e2": "en", "j1": "ja", "x": ""}
QRELS = {
    "z1": {"z2": 2, "e1": 3, "e2": 1},
    "z2": {"z1": 2},
    "e1": {"z1": 3, "gone": 2},
    "e2": {"z1": 1},
}
RUN = {"z1": ["z2", "e2", "e1"], "z2": ["j1", "z1"], "e1": ["j1", "x"]}
BASELINE = {"z1": ["z2"], "z2": ["z1"], "e1": ["e2", "z1"]}


@pytest.fixture(scope="module")
def report():
    return evaluate(QRELS, RUN, languages=LANGUAGES, baseline=BASELINE, conditions=Conditions(k=2))


def test_every_metric_is_the_mean_computed_by_hand(report):
    values = {name: entry.system.mean for name, entry in report.by_metric.items()}
    ideal = 3 + 2 / log2(3) + 1 / 2  # of z1
    assert values == {
        "recall@2": pytest.approx((1 / 2 + 1 + 0) / 3),
        "hit@2": pytest.approx((1 + 1 + 0) / 3),
        "MRR@10": pytest.approx((1 + 1 / 2 + 0) / 3),
        "nDCG@10": pytest.approx(((2 + 1 / log2(3) + 3 / 2) / ideal + 1 / log2(3) + 0 + 0) / 4),
    }


def test_the_baseline_is_measured_beside_and_compared_query_by_query(report):
    recall = report.by_metric["recall@2"]
    assert recall.baseline.mean == pytest.approx((1 / 2 + 1 + 1 / 2) / 3)
    assert recall.difference.mean == pytest.approx((0 + 0 - 1 / 2) / 3)


def test_chance_is_beside_every_metric(report):
    # five candidates a query: recall@2 is 2/5 for z1 and z2; of e1 only one of two relevant papers is there
    assert report.by_metric["recall@2"].chance == pytest.approx((2 / 5 + 2 / 5 + 1 / 5) / 3)
    # z1 has two relevant: 1 - (3 * 2) / (5 * 4); the others one: 2/5
    assert report.by_metric["hit@2"].chance == pytest.approx((7 / 10 + 2 / 5 + 2 / 5) / 3)


def test_every_interval_holds_its_mean(report):
    for entry in report.metrics:
        for estimate in (entry.system, entry.baseline, entry.difference):
            assert estimate.low <= estimate.mean <= estimate.high, entry.metric


def test_relevance_begins_at_grade_two_where_there_is_one_and_queries_without_are_counted(report):
    assert report.conditions.relevant_from == 2
    assert [(entry.relevant_from, entry.n_queries, entry.n_left_out) for entry in report.metrics] == [
        (2, 3, 1),
        (2, 3, 1),
        (2, 3, 1),
        (1, 4, 0),
    ]


def test_relevance_begins_at_grade_one_where_all_similar_papers_have_it():
    report = evaluate({"a": {"b": 1, "c": 0}}, {"a": ["b"]}, languages=dict.fromkeys("abc", "en"))
    assert report.conditions.relevant_from == 1
    assert report.by_metric["recall@10"].system == Estimate(1.0, 1.0, 1.0)


def test_the_caller_may_ask_for_another_grade():
    report = evaluate(QRELS, RUN, languages=LANGUAGES, conditions=Conditions(k=3, relevant_from=3))
    assert report.by_metric["recall@3"].n_queries == 2
    assert report.by_metric["recall@3"].system.mean == 1 / 2
    assert report.by_metric["nDCG@10"].relevant_from == 1


@pytest.mark.parametrize(
    ("qrels", "relevant_from", "said"),
    [
        ({"a": {"b": 2}}, 3, "grade 3 or more, the highest is 2"),
        ({"a": {"b": 0}}, None, "grade 1 or more"),
        ({}, None, "grade 1"),
    ],
)
def test_judgements_without_a_relevant_paper_are_refused(qrels, relevant_from, said):
    with pytest.raises(UsageError, match=said):
        evaluate(
            qrels, {}, languages={"a": "en", "b": "en"}, conditions=Conditions(relevant_from=relevant_from)
        )


def test_recall_is_split_by_the_languages_of_query_and_paper_with_the_ranking_unchanged(report):
    split = {
        pair.name: (pair.recall.n_queries, pair.recall.system.mean, pair.recall.baseline.mean)
        for pair in report.language_pairs
    }
    assert split == {
        "zh→zh": (2, (1 + 1) / 2, (1 + 1) / 2),
        "en→und": (1, 0, 0),  # of a paper that is not in the corpus the language is not known
        "en→zh": (1, 0, 1),
        "zh→en": (1, 0, 0),  # e1 is third, although the first of its language that is relevant
    }
    assert [*split] == ["zh→zh", "en→und", "en→zh", "zh→en"]
    assert {pair.recall.metric for pair in report.language_pairs} == {"recall@2"}


def test_a_paper_without_a_language_is_of_none_that_is_known():
    report = evaluate({"a": {"b": 1}}, {"a": ["b"]}, languages={"a": "zh", "b": ""})
    assert [pair.name for pair in report.language_pairs] == ["zh→und"]


def test_what_was_not_answered_and_what_is_missing_is_counted_and_named(report):
    assert (report.n_papers, report.n_queries, report.n_unanswered) == (6, 4, 1)
    assert report.missing == ("gone",)
    assert report.notes == (
        "relevant from grade 2; nDCG takes every grade for what it is",
        "1 of 4 queries were not answered and count 0",
        "1 judged papers are not in the corpus and count as not found: gone",
        "recall@2 leaves out 1 queries: they have no paper of grade 2 or more",
        "hit@2 leaves out 1 queries: they have no paper of grade 2 or more",
        "MRR@10 leaves out 1 queries: they have no paper of grade 2 or more",
    )


def test_five_missing_papers_are_named_and_the_others_counted():
    qrels = {"a": dict.fromkeys(["b", *"123456"], 1)}
    report = evaluate(qrels, {"a": ["b"]}, languages={"a": "zh", "b": "zh"})
    assert report.missing == tuple("123456")
    assert report.notes[1] == "6 judged papers are not in the corpus and count as not found: 1, 2, 3, 4, 5, …"


def test_a_run_that_answers_nothing_scores_zero():
    report = evaluate(QRELS, {}, languages=LANGUAGES, baseline={})
    assert report.n_unanswered == report.n_queries == 4
    for entry in report.metrics:
        assert entry.system == entry.baseline == Estimate(0.0, 0.0, 0.0)
        assert entry.chance > 0


def test_a_query_with_only_dissimilar_papers_takes_no_part():
    report = evaluate({**QRELS, "j1": {"z1": 0}}, RUN, languages=LANGUAGES)
    assert report.n_queries == 4
    assert report.by_metric["nDCG@10"].n_left_out == 0


def test_without_a_baseline_there_is_no_comparison():
    report = evaluate(QRELS, RUN, languages=LANGUAGES)
    assert all(entry.baseline is None and entry.difference is None for entry in report.metrics)


@pytest.mark.parametrize(
    ("ranked", "said"),
    [
        (["z1"], "holds the query itself"),
        (["z2", "z2"], "a paper twice"),
        (["stranger"], "not in the corpus"),
    ],
)
def test_a_ranking_that_breaks_its_promise_is_refused(ranked, said):
    with pytest.raises(ValueError, match=said):
        evaluate(QRELS, {"z1": ranked}, languages=LANGUAGES)
    with pytest.raises(ValueError, match=said):
        evaluate(QRELS, RUN, languages=LANGUAGES, baseline={"z1": ranked})


def test_one_seed_gives_one_report(report):
    again = evaluate(QRELS, RUN, languages=LANGUAGES, baseline=BASELINE, conditions=Conditions(k=2))
    assert again == report


def test_one_metric_does_not_change_the_interval_of_another(report):
    alone = evaluate(QRELS, RUN, languages=LANGUAGES, conditions=Conditions(k=5))
    assert alone.by_metric["nDCG@10"].system == report.by_metric["nDCG@10"].system


def test_recall_is_split_by_groups_in_the_order_they_are_given():
    groups = {"subject": {"e1": "bees", "e2": "law", "z2": "art", "z1": "bees"}, "length": {"z2": "long"}}
    report = evaluate(
        QRELS, RUN, languages=LANGUAGES, conditions=Conditions(k=2), queries=Queries(groups=groups)
    )
    split = [(entry.split, entry.group, entry.recall.system.mean) for entry in report.groups]
    # law has nothing relevant; of the bees z1 finds one of two, e1 none
    assert split == [("subject", "bees", 1 / 4), ("subject", "art", 1), ("length", "long", 1)]


def test_same_language_bias_is_of_relevant_papers():
    report = evaluate(QRELS, RUN, languages=LANGUAGES)
    # z1 alone has relevant papers in two languages, z2 and e1; e2 has grade 1; of its three nearest one is zh
    own = report.own_language
    assert (own.n_queries, own.nearest.mean, own.relevant.mean) == (1, pytest.approx(1 / 3), 1 / 2)


def test_queries_that_are_texts_speak_their_own_language_and_are_not_missing():
    report = evaluate(
        {"q": {"z1": 1}}, {"q": ["z1"]}, languages=LANGUAGES, queries=Queries(languages={"q": "fr"})
    )
    assert report.missing == ()
    assert [pair.name for pair in report.language_pairs] == ["fr→zh"]
