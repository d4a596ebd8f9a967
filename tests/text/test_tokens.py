import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.text.han import folded
from recommender.text.tokens import RUN, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("产教融合", ["产", "教", "融", "合", "产教", "教融", "融合"]),
        ("学", ["学"]),
        ("人々", ["人", "々", "人々"]),
        ("データの", ["デ", "ー", "タ", "の", "デー", "ータ", "タの"]),
        ("학교는", ["학교", "교는"]),
        ("법", ["법"]),
        ("วิจัย", ["วิจั", "จัย"]),
        ("शिक्षा का महत्व", ["शिक्षा", "का", "महत्व"]),
        ("التعليم العالي", ["التعليم", "العالي"]),
        ("Наука та освіта", ["наука", "та", "освіта"]),
        ("L'École d'été", ["l", "école", "d", "été"]),
        ("COVID-19 in H2O_2", ["covid", "19", "in", "h2o", "2"]),
        ("3.5 % of 1,000 (v2.0)", ["3.5", "of", "1", "000", "v2", "0"]),
        ("m\u0310ab2\u0310c", ["m\u0310ab2\u0310c"]),  # a mark that no precomposed letter holds
        ("ab2.5cd 2.5e", ["ab2", "5cd", "2.5", "e"]),
        ("", []),
        ("，。 — …", []),
    ],
)
def test_every_script_has_its_tokens(text, expected):
    assert tokens(text) == expected


def test_scripts_that_touch_are_told_apart():
    assert tokens("5G网络AI") == ["5g", "网", "络", "网络", "ai"]


def test_punctuation_separates_runs_so_that_no_pair_spans_it():
    assert tokens("治理，创新") == ["治", "理", "治理", "创", "新", "创新"]


def test_characters_outside_the_basic_plane_are_one_character():
    assert tokens("𠮷野") == ["𠮷", "野", "𠮷野"]


def test_tokens_are_those_of_the_matching_form():
    assert tokens("ＢＥＲＴ　Größe") == ["bert", "grösse"]


def test_a_combining_accent_stays_with_its_letter_in_thai_pairs():
    assert tokens("ที่นี่") == ["ที่นี่"]


PIECES = [
    "The",
    " ",
    "\n",
    "\u3000",
    "\x1c",
    "3.5",
    "4",
    ".",
    "a1",
    "_",
    "-",
    "é",
    "e\u0301",
    "\u0301",
    "ß",
    "İ",
    "融合",
    "の",
    "ไทย",
    "한국",
    "𠀀",
    "²",
    "x\u200b",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_what_is_read_the_short_way_are_the_runs_of_the_whole_text(text):
    whole = [run[0] for run in RUN.finditer(folded(text)) if run.lastgroup in ("word", "number")]
    latin = [token for token in tokens(text) if RUN.fullmatch(token).lastgroup in ("word", "number")]
    assert latin == whole
