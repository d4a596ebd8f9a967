from hypothesis import given
from hypothesis import strategies as st

from recommender.evaluation.splits import subjects, thirds


def test_queries_are_parted_into_thirds_by_their_length():
    lengths = {"a": 10, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60}
    assert thirds(lengths) == {"a": "≤20", "b": "≤20", "c": "21–40", "d": "21–40", "e": ">40", "f": ">40"}


def test_queries_of_one_length_stay_together():
    assert thirds(dict.fromkeys("abcd", 7)) == dict.fromkeys("abcd", "≤7")
    assert thirds({"a": 7, "b": 7, "c": 7, "d": 9}) == {"a": "≤7", "b": "≤7", "c": "≤7", "d": ">7"}


@given(st.dictionaries(st.integers(), st.integers(0, 50)))
def test_a_longer_query_is_never_in_a_shorter_group_and_none_is_lost(lengths):
    groups = thirds(lengths)
    assert groups.keys() == lengths.keys()
    in_order = [groups[query] for query in sorted(lengths, key=lengths.__getitem__)]
    assert [*dict.fromkeys(in_order)] == [group for group, *_ in _runs(in_order)]


def _runs(values):
    runs = []
    for value in values:
        if not runs or runs[-1][0] != value:
            runs.append([])
        runs[-1].append(value)
    return runs


def test_a_query_without_a_subject_has_a_group_of_its_own():
    assert subjects({"a": "physics", "b": ""}) == {"a": "physics", "b": "none"}
