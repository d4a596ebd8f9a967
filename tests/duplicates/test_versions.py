import pytest

from recommender.duplicates.versions import in_order


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", 0),
        ("abc", "", 0),
        ("abc", "abc", 3),
        ("abcd", "badc", 2),
        ("aggtab", "gxtxayb", 4),
        ("甲乙丙", "丙乙", 1),
    ],
)
def test_what_stands_in_both_in_its_order_is_counted(one, other, expected):
    assert in_order(one, other) == in_order(other, one) == expected
