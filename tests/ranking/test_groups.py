import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.ranking import LanguageGroups, arranged
from recommender.ranking.groups import OTHERS, SMALLEST, group_keys

PAPERS = [(f"{language}{n:02}", language) for language, size in
          (("zh", 12), ("en", SMALLEST), ("de", SMALLEST - 1), ("", 3)) for n in range(size)]  # fmt: skip
SORTED = ["en"] * 10 + ["zh"] * 12 + ["de"] * 9 + [""] * 3


def test_a_language_of_too_few_papers_is_among_the_others():
    languages = ["zh"] * SMALLEST + ["de"] * (SMALLEST - 1) + ["fr"]
    assert group_keys(languages) == ["zh"] * SMALLEST + [OTHERS] * SMALLEST


def test_papers_of_unknown_language_are_among_the_others_however_many():
    assert group_keys([""] * 30 + ["fr"]) == [OTHERS] * 31


def test_groups_follow_each_other_by_name_and_the_others_come_last():
    groups = LanguageGroups.of(SORTED)
    assert groups == LanguageGroups(names=("en", "zh", ""), sizes=(10, 12, 12))
    assert len(groups) == 3


def test_the_rows_of_all_groups_are_all_rows_in_order():
    groups = LanguageGroups.of(SORTED)
    assert groups.rows(0).tolist() == [*range(10)]
    assert groups.rows(1).tolist() == [*range(10, 22)]
    assert groups.rows(2).tolist() == [*range(22, 34)]
    assert groups.each().tolist() == [0] * 10 + [1] * 12 + [2] * 12


@given(st.permutations(PAPERS))
def test_papers_lie_in_one_order_whatever_order_they_came_in(papers):
    ids, languages = zip(*papers, strict=True)
    places = arranged(languages, ids)
    assert sorted(places) == [*range(len(papers))]
    english, chinese, others = PAPERS[12:22], PAPERS[:12], sorted(PAPERS[22:])
    assert [papers[place] for place in places] == english + chinese + others


@given(st.lists(st.sampled_from(["zh", "en", "de", ""]), max_size=60))
def test_what_was_arranged_can_be_grouped(languages):
    places = arranged(languages, [f"{n:02}" for n in range(len(languages))])
    lying = [languages[place] for place in places]
    groups = LanguageGroups.of(lying)
    assert [groups.names[group] for group in groups.each()] == group_keys(lying)
    assert sum(groups.sizes) == len(languages)
    assert all(size >= SMALLEST for name, size in zip(groups.names, groups.sizes, strict=True) if name)


@pytest.mark.parametrize(
    "languages",
    [
        ["zh"] * 10 + ["en"] * 10,
        ["de"] + ["zh"] * 10,
        ["en"] * 5 + ["zh"] * 10 + ["en"] * 5,
    ],
    ids=["names descend", "others first", "a group in two pieces"],
)
def test_rows_in_another_order_are_refused(languages):
    with pytest.raises(ValueError, match="not in the order of their languages"):
        LanguageGroups.of(languages)


def test_no_rows_make_no_groups():
    groups = LanguageGroups.of([])
    assert (len(groups), groups.each().tolist(), groups.group_of("en")) == (0, [], 0)


def test_a_text_is_compared_from_the_group_of_its_language():
    groups = LanguageGroups.of(SORTED)
    assert [groups.group_of(language) for language in ("en", "zh", "de", "ko", "")] == [0, 1, 2, 2, 2]


def test_a_text_that_no_paper_stands_for_is_foreign():
    groups = LanguageGroups.of(["en"] * 10 + ["zh"] * 12)
    assert [groups.group_of(language) for language in ("zh", "ko", "")] == [1, 2, 2]
