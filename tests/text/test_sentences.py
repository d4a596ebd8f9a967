import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.text.sentences import first_sentence, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "第一句。第二句！第三句？第四句；第五句．",
            ["第一句。", "第二句！", "第三句？", "第四句；", "第五句．"],
        ),
        ("他说：“可以。”然后离开。", ["他说：“可以。”", "然后离开。"]),
        ("真的吗？！是的……好。", ["真的吗？！", "是的……好。"]),
        ("提出新方法.结果表明有效.", ["提出新方法.", "结果表明有效."]),
        ("有效吗?结果如下!", ["有效吗?", "结果如下!"]),
        ("We begin. Then we end! Is it so? Yes", ["We begin.", "Then we end!", "Is it so?", "Yes"]),
        (
            'He said "Stop." She did. (It was late.) End',
            ['He said "Stop."', "She did.", "(It was late.)", "End"],
        ),
        ("यह पहला है। यह दूसरा है।", ["यह पहला है।", "यह दूसरा है।"]),
        ("ما هو التعليم؟ هذا سؤال.", ["ما هو التعليم؟", "هذا سؤال."]),
        ("A title\n\nAn abstract", ["A title", "An abstract"]),
        ("one line\nand the same sentence", ["one line\nand the same sentence"]),
    ],
)
def test_a_full_stop_or_a_blank_line_ends_a_sentence(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The rate is 3.5 and v2.0.1 at http://example.org/a.b",
        "准确率达到3．5个百分点",
        "Some models, e.g. BERT and i.e. Others, cf. Table",
        "As Wang et al. Have shown, see Fig. 2 and Eq. (3)",
        "王明 et al.提出该方法",
        "J. R. R. Tolkien and J.R.R. Tolkien of the U.S. Army",
        "В работе А. С. Пушкина, см. Таблицу",
        "See No. 5, vol. 12 and pp. 91",
        "approx. ten vs. Eleven by Dr. Li",
        "What follows is lower case. so it goes on! and on? yes",
    ],
)
def test_decimals_abbreviations_initials_and_lower_case_do_not(text):
    assert sentences(text) == [text]


def test_no_is_an_abbreviation_only_before_a_number():
    assert sentences("The answer is no. Five say yes to No. 5.") == [
        "The answer is no.",
        "Five say yes to No. 5.",
    ]


def test_a_number_without_a_letter_belongs_to_the_sentence_behind_it():
    assert sentences("1.研究背景。2. 研究方法。") == ["1.研究背景。", "2. 研究方法。"]


def test_a_letterless_rest_belongs_to_the_sentence_before_it():
    assert sentences("It ends. 2021. 998(22).") == ["It ends. 2021. 998(22)."]


@pytest.mark.parametrize("text", ["", " \n\n "])
def test_there_is_no_sentence_in_white_space(text):
    assert sentences(text) == []


def test_a_text_without_letters_is_one_sentence():
    assert sentences("3. 4. 5。") == ["3. 4. 5。"]


@given(st.text(alphabet="ab.。! ?\n1A”"))
def test_nothing_but_white_space_is_lost(text):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_a_page_full_of_dots_takes_no_longer_than_its_length_warrants():
    assert sentences("." * 1_000_000 + "a" + " " * 1_000_000 + "b") == [
        "." * 1_000_000 + "a" + " " * 1_000_000 + "b"
    ]


def test_the_first_sentence_is_shown_on_one_line():
    assert first_sentence("Deep\n learning. And more.") == "Deep learning."


@pytest.mark.parametrize(
    ("limit", "shown"),
    [(10, "产教融合。"), (9, "产教融合…"), (8, "产教融…"), (7, "产教融…"), (2, "…"), (1, "…")],
)
def test_wide_characters_take_two_columns_and_the_ellipsis_one(limit, shown):
    assert first_sentence("产教融合。后面", limit=limit) == shown


def test_combining_marks_take_no_column():
    assert first_sentence("e\u0301e\u0301e\u0301", limit=3) == "e\u0301e\u0301e\u0301"


def test_no_space_is_left_before_the_ellipsis():
    assert first_sentence("deep learning", limit=6) == "deep…"


def test_the_first_sentence_of_nothing_is_nothing():
    assert first_sentence(" ") == ""
