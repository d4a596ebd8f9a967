import json
from datetime import datetime, timedelta, timezone

import pytest

from recommender.evaluation.gate import Answers, Limits, compare

FILLERS = [f"filler{number}" for number in range(30)]


def answers(ranks: list[int | None], papers: set[str] | None = None) -> Answers:
    """Answers in which the one similar paper of query `q0`, `q1`, … has the given rank, or is not found."""
    run = {}
    for number, rank in enumerate(ranks):
        ranked = FILLERS[:20]
        if rank is not None:
            ranked.insert(rank - 1, f"s{number}")
        run[f"q{number}"] = ranked
    everything = {*run, *FILLERS, *(f"s{number}" for number in range(len(ranks)))}
    return Answers(papers=frozenset(everything if papers is None else papers), run=run)


def qrels(n: int) -> dict[str, dict[str, int]]:
    return {f"q{number}": {f"s{number}": 2} for number in range(n)}


def test_the_same_answers_pass():
    verdict = compare(qrels(30), answers([1, 3, 2] * 10), answers([1, 3, 2] * 10))
    assert verdict.passed
    assert verdict.reasons == ()
    assert (verdict.n_queries, verdict.n_lost, verdict.share_lost) == (30, 0, 0.0)
    assert (verdict.difference.mean, verdict.difference.p) == (0.0, 1.0)


def test_better_answers_pass():
    verdict = compare(qrels(30), answers([1] * 30), answers([3] * 30))
    assert verdict.passed
    assert verdict.difference.mean == pytest.approx(0.5)  # nDCG of rank 3 is 1 / log2(4)


def test_a_significant_drop_is_refused_however_few_the_queries():
    verdict = compare(qrels(5), answers([3] * 5), answers([1] * 5))
    assert not verdict.passed
    assert verdict.reasons == (
        "nDCG@10 falls by 0.500 over 5 judged queries"
        " (95 % interval -0.500 to -0.500, p = 0.002; 0.020 are allowed)",
    )


def test_a_large_drop_is_refused_although_it_may_be_chance():
    # one query of 20 is lost altogether: the mean falls by 0.05, and a third of the resamples miss that query
    verdict = compare(qrels(20), answers([None] + [1] * 19), answers([1] * 20))
    assert verdict.difference.mean == pytest.approx(-0.05)
    assert not verdict.difference.is_significant
    assert not verdict.passed


def test_a_large_drop_that_may_be_chance_passes_where_there_are_too_few_queries_to_say():
    assert compare(qrels(19), answers([None] + [1] * 18), answers([1] * 19)).passed
    assert not compare(
        qrels(19), answers([None] + [1] * 18), answers([1] * 19), limits=Limits(min_queries=19)
    ).passed


def test_a_small_drop_that_may_be_chance_passes():
    # one query of 50 falls from rank 1 to 3: 0.01 on average
    verdict = compare(qrels(50), answers([3] + [1] * 49), answers([1] * 50))
    assert verdict.difference.mean == pytest.approx(-0.01)
    assert verdict.passed
    assert not compare(
        qrels(50), answers([3] + [1] * 49), answers([1] * 50), limits=Limits(max_drop=0.005)
    ).passed


def test_a_judged_query_that_is_not_answered_any_more_counts_zero():
    candidate = answers([1] * 30)
    silent = Answers(papers=candidate.papers, run={"q0": candidate.run["q0"]})
    verdict = compare(qrels(30), silent, answers([1] * 30))
    assert verdict.difference.mean == pytest.approx(-29 / 30)
    assert not verdict.passed


def test_queries_that_the_current_build_does_not_answer_take_no_part():
    current = answers([1] * 5)
    verdict = compare(
        qrels(9), answers([1] * 9), Answers(papers=current.papers, run={**current.run, "q8": []})
    )
    assert verdict.n_queries == 5
    assert verdict.difference.mean == 0


def test_new_papers_above_the_judged_ones_are_no_drop():
    current = answers([2] * 30)
    grown = {query: [f"new{number}" for number in range(8)] + ranked for query, ranked in current.run.items()}
    new = {f"new{number}" for number in range(8)}
    verdict = compare(qrels(30), Answers(papers=current.papers | new, run=grown), current)
    assert verdict.passed
    assert verdict.difference.mean == 0


def test_a_candidate_that_lost_more_than_a_twentieth_of_the_papers_is_refused():
    current = Answers(papers=frozenset(map(str, range(100))))
    kept = compare({}, Answers(papers=frozenset(map(str, range(5, 100)))), current)
    assert kept.passed
    assert (kept.n_lost, kept.share_lost) == (5, 0.05)
    lost = compare({}, Answers(papers=frozenset(map(str, range(6, 200)))), current)
    assert lost.reasons == (
        "6 papers of the current build (6.0%) are not answered any more; 5.0% are allowed",
    )


def test_an_empty_candidate_is_refused_even_as_the_first_build():
    assert compare({}, Answers(), Answers()).reasons == ("the candidate answers no paper",)


def test_the_first_build_passes_if_it_answers_anything():
    verdict = compare(qrels(3), answers([1] * 3), Answers())
    assert verdict.passed
    assert (verdict.n_queries, verdict.difference, verdict.share_lost) == (0, None, 0.0)


def test_every_reason_is_given():
    verdict = compare(qrels(30), Answers(), answers([1] * 30))
    assert [reason.split()[0] for reason in verdict.reasons] == ["the", "90", "nDCG@10"]


def test_a_verdict_goes_into_json():
    verdict = compare(qrels(5), answers([3] * 5), answers([1] * 5))
    read = json.loads(json.dumps(verdict.to_dict()))
    assert read["passed"] is False
    assert read["reasons"] == [*verdict.reasons]
    assert read["difference"]["mean"] == pytest.approx(-0.5)
    assert compare({}, answers([1]), Answers()).to_dict()["passed"] is True


def test_one_seed_gives_one_verdict():
    sides = answers([1, 2, 3] * 10), answers([2, 1, 1] * 10)
    assert compare(qrels(30), *sides, seed=1) == compare(qrels(30), *sides, seed=1)
    assert (
        compare(qrels(30), *sides, seed=1).difference.low != compare(qrels(30), *sides, seed=2).difference.low
    )


def test_every_metric_is_compared_and_that_of_the_gate_equals_its_difference():
    verdict = compare(qrels(30), answers([3] * 30), answers([1] * 30))
    changes = {change.metric: change for change in verdict.metrics}
    assert {name: round(change.mean, 6) for name, change in changes.items()} == {
        "recall@10": 0,
        "hit@10": 0,
        "MRR@10": round(1 / 3 - 1, 6),
        "nDCG@10": -0.5,
    }
    ndcg, difference = changes["nDCG@10"], verdict.difference
    assert (ndcg.mean, ndcg.low, ndcg.high, ndcg.p, ndcg.n_queries) == (
        difference.mean,
        difference.low,
        difference.high,
        difference.p,
        30,
    )


def test_a_query_takes_no_part_in_a_metric_that_it_has_no_relevant_paper_for():
    verdict = compare({**qrels(29), "q29": {"s29": 1}}, answers([1] * 29 + [11]), answers([1] * 29 + [10]))
    n_queries = {change.metric: change.n_queries for change in verdict.metrics}
    assert n_queries == {"recall@10": 29, "hit@10": 29, "MRR@10": 29, "nDCG@10": 30}
    assert verdict.difference.mean < 0
    assert verdict.passed  # by less than the limit, and one query of 30 may be chance


def test_the_verdict_that_is_kept_says_when_against_what_and_why():
    verdict = compare(qrels(5), answers([3] * 5), answers([1] * 5))
    kept = verdict.kept(
        datetime(2026, 11, 23, 10, 15, tzinfo=timezone(timedelta(hours=8))), "20261122T021500Z"
    )
    assert (kept.judged, kept.against) == ("2026-11-23T02:15:00+00:00", "20261122T021500Z")
    assert (kept.passed, kept.reasons, kept.metrics) == (False, verdict.reasons, verdict.metrics)
    assert kept.summary == "refused, nDCG@10 -0.500 (p 0.002), 0 lost"
