import pytest

from recommender.text.language_codes import language_code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *[("zh", "zh"), ("ZH-CN", "zh"), ("zh_Hant_TW", "zh"), ("chi", "zh"), ("Chinese", "zh")],
        *[("中文（简体）", "zh"), ("eng", "en"), ("English (US)", "en"), (" ja ", "ja"), ("日本語", "ja")],
        *[("ger", "de"), ("Français", "fr"), ("हिन्दी", "hi"), ("Tiếng Việt", "vi"), ("sv", "sv")],
    ],
)
def test_a_language_is_recognised_in_the_usual_forms(name, code):
    assert language_code(name) == code


def test_of_several_languages_the_first_counts():
    assert language_code("eng; chi") == "en"


def test_a_decomposed_name_is_the_composed_one():
    assert language_code("Franc\u0327ais") == "fr"


@pytest.mark.parametrize("name", ["", "Klingon", "xx", "?"])
def test_what_is_no_language_has_no_code(name):
    assert language_code(name) == ""
