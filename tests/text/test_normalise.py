from hypothesis import given
from hypothesis import strategies as st

from recommender.text.normalise import matching


def test_full_width_and_compatibility_forms_match_their_plain_ones():
    assert matching("ＡＢＣ１２３ ﬁｶﾞ㎏") == "abc123 fiガkg"


def test_case_is_folded_in_every_script():
    assert matching("Straße ПРАВО Σίσυφος") == "strasse право σίσυφοσ"


def test_the_turkish_capital_i_matches_the_small_one():
    assert matching("İstanbul") == matching("istanbul")


def test_white_space_of_any_kind_becomes_one_space_and_none_at_the_ends():
    assert matching("\u3000产教\u00a0\u00a0融合\r\n\tABC ") == "产教 融合 abc"


def test_what_nobody_sees_keeps_no_words_apart():
    assert matching("产\u200b教\ufeff融合 ab\u00adstract 葛\U000e0100") == "产教融合 abstract 葛"


def test_composed_and_decomposed_letters_match():
    assert matching("e\u0301cole") == matching("\u00e9cole") == matching("E\u200b\u0301cole")


@given(st.text())
def test_matching_twice_is_matching_once(text):
    assert matching(matching(text)) == matching(text)
