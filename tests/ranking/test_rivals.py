"""Of papers as near as translations the nearest of its language alone is one, on both sides."""

import csv

import numpy as np
import pytest

from recommender.neighbour import Label
from recommender.ranking import NONE, LanguageGroups
from recommender.ranking.rivals import BEHIND, SAME_TEXT, have_rivals
from recommender.ranking.shared_neighbours import first_of_their_language
from recommender.recommendation import Filters, Query
from recommender.settings import Settings, bundled
from recommender.workspace import Workspace

GROUPS = LanguageGroups.of(["en"] * 10 + ["zh"] * 10 + ["", ""])
EN, ZH, OTHERS = range(3)


def rivalled(score, near, scores, wanted, **more):
    lists = np.array([near], dtype=np.int32), np.array([scores], dtype=np.int64)
    return bool(have_rivals(np.array([score]), lists, np.array([wanted]), GROUPS, **more)[0])


def test_another_paper_of_the_language_is_a_rival_and_none_of_another():
    near, scores = [3, 12, 4, NONE], [900_000, 700_000, 500_000, 500_000]
    assert rivalled(600_000, near, scores, EN)
    assert rivalled(600_000, near, scores, ZH)
    assert not rivalled(700_000, near, scores, ZH)
    assert not rivalled(600_000, [3, 4, 9], [900_000] * 3, ZH)
    assert not rivalled(600_000, [10, 19], [900_000] * 2, EN)
    assert rivalled(600_000, [9, 10], [900_000, 0], EN)
    assert not rivalled(-600_000, [NONE] * 3, [0] * 3, EN)


def test_a_rival_stays_behind_by_enough_to_be_none():
    assert rivalled(600_000, [3], [600_001 - BEHIND], EN)
    assert not rivalled(600_000, [3], [600_000 - BEHIND], EN)
    assert not rivalled(600_000, [3], [600_000 - SAME_TEXT], EN, behind=SAME_TEXT)
    assert rivalled(600_000, [3], [600_001 - SAME_TEXT], EN, behind=SAME_TEXT)


def test_a_copy_is_no_rival():
    assert not rivalled(600_000, [3, 4], [600_000, 600_000], EN)


def test_languages_that_share_a_group_have_no_rivals():
    assert not rivalled(600_000, [20, 21], [900_000] * 2, OTHERS)


def test_each_pair_has_its_own_list():
    near = np.array([[3, 12], [4, 13], [5, 14]], dtype=np.int32)
    scores = np.array([[9, 1], [1, 9], [9, 9]]) * 100_000
    found = have_rivals(np.full(3, 500_000), (near, scores), np.array([EN, EN, ZH]), GROUPS)
    assert found.tolist() == [True, False, True]


def raised(gained, scores, near, translated, groups=GROUPS):
    lists = (np.array([values]) for values in (gained, scores, near, translated))
    return first_of_their_language(*lists, groups)[0].tolist()


def test_a_translation_gains_enough_to_stand_before_others_of_its_language():
    gained, near, scores = [0, 0, 300, 900, 0], [3, 12, 4, 13, NONE], [500, 400, 300, 200, 200]
    first, second = np.eye(5, dtype=bool)[:2]
    assert raised(gained, scores, near, first) == [101, 0, 300, 900, 0]
    assert raised(gained, scores, near, second) == [0, 701, 300, 900, 0]
    assert raised(gained, scores, near, first | second) == [101, 701, 300, 900, 0]
    assert raised(gained, scores, near, first & second) == gained


def test_a_translation_that_stands_before_all_others_gains_nothing():
    near, scores = [3, 12, 4], [500, 400, 300]
    assert raised([0, 7, 0], scores, near, [True, True, False]) == [0, 7, 0]


def test_in_a_group_of_several_languages_a_translation_is_left_where_it_stands():
    assert raised([0, 900], [500, 400], [20, 21], [True, False]) == [0, 900]


@pytest.fixture(scope="module")
def recommender(sample_home):
    return Workspace(Settings(home=sample_home)).recommender()


def near_duplicates(answer, language):
    return {
        one.paper.id
        for one in answer.results
        if one.label is Label.NEAR_DUPLICATE and one.paper.language == language
    }


def test_what_is_called_a_translation_in_the_sample_is_one(recommender):
    build = recommender.build
    with bundled("data", "sample_design.tsv").open(encoding="utf-8", newline="") as file:
        works = {row["id"]: row["work"] for row in csv.DictReader(file, delimiter="\t")}
    are_one, names = [], build.calibration.groups.names
    groups = build.calibration.groups.each()
    for row in range(len(build.papers)):
        own = build.papers.paper(row)
        for one in build.neighbours.by_score(row):
            if one.label is Label.NEAR_DUPLICATE and names[groups[one.row]] not in (own.language, ""):
                are_one.append(works[build.papers.paper(one.row).id] == works[own.id])
    assert sum(are_one) > 100
    assert are_one.count(False) <= 2  # 344 and 227, on the same curfew


def test_a_paper_of_the_same_narrow_topic_is_near_and_yet_no_translation(recommender):
    paper = recommender.build.papers.paper(recommender.build.papers.row_of("344"))
    answers = [
        recommender.similar_to("344", 20),
        recommender.similar_to("344", 60),  # by search
        recommender.similar_to_text(paper.text, 20),
    ]
    for answer in answers:
        assert {"227", "310"} < {one.paper.id for one in answer.results}
        assert near_duplicates(answer, "zh") == {"227"}
    without = Query(like=("344",), filters=Filters(exclude=("227",)))  # it is a rival all the same
    assert near_duplicates(recommender.recommend(without, 20), "zh") == set()


def test_a_translation_is_one_whichever_way_it_is_asked_for(recommender):
    paper = recommender.build.papers.paper(recommender.build.papers.row_of("69"))
    for answer in (
        recommender.similar_to("69", 20),
        recommender.similar_to("69", 60),
        recommender.similar_to_text(paper.text, 20),
        recommender.recommend(Query(like=("69",), filters=Filters(languages=("en",))), 20),
    ):
        assert near_duplicates(answer, "en") == {"1"}


def test_a_text_is_no_translation_of_what_has_a_nearer_one_and_is_one_where_it_differs_by_a_word(recommender):
    text = recommender.build.papers.paper(recommender.build.papers.row_of("1")).text
    again = recommender.similar_to_text(f"{text} Indeed.", 20)
    assert near_duplicates(again, "zh") == {"69"}
    shorter = recommender.similar_to_text(text[: 4 * len(text) // 5], 20)
    (found,) = (one for one in shorter.results if one.paper.id == "69")
    assert found.rank <= 3
    assert near_duplicates(shorter, "zh") == set()


def before(answer, found):
    """Return the languages of the papers that stand before one, with its own."""
    places = {one.paper.id: place for place, one in enumerate(answer.results)}
    results = answer.results[: places[found] + 1]
    return [one.paper.language for one in results]


def test_a_translation_stands_before_all_others_of_its_language(recommender):
    build, n = recommender.build, 0
    names, groups = build.calibration.groups.names, build.calibration.groups.each()
    for row in range(len(build.papers)):
        seen = set()
        for one in build.neighbours.of(row):
            group = groups[one.row]
            if one.label is Label.NEAR_DUPLICATE and group != groups[row] and names[group]:
                assert group not in seen
                n += 1
            seen.add(group)
    assert n > 100


def test_however_much_the_neighbours_of_others_have_in_common_with_a_text(recommender, monkeypatch):
    """As if all others of a list gained much by them."""
    row_of = recommender.build.papers.row_of

    def much(asked, near, scores, lists):
        return np.where(np.isin(near, [row_of("1"), row_of("69")]), 0, 50_000_000)

    monkeypatch.setattr("recommender.ranking.search.shared", much)
    text = recommender.build.papers.paper(row_of("1")).text
    answer = recommender.similar_to_text(f"{text} Indeed.", 60)
    assert before(answer, "69").count("zh") == 1
    assert before(answer, "1").count("en") > 1
