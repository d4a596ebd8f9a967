import dataclasses
import hashlib
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.paper import FIELDS, LONGEST, Paper

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@pytest.mark.parametrize("paper_id", ["", " 9", "9 ", "\n9", "a\tb", "a\nb", "a\u200bb", "\u00a0"])
def test_an_id_is_non_empty_unpadded_and_printable(paper_id):
    with pytest.raises(ValueError, match="id must be"):
        Paper(id=paper_id)


@pytest.mark.parametrize("paper_id", ["9", "论文 九", "10.1000/xyz#1", "0009"])
def test_an_id_is_kept_as_it_is(paper_id):
    assert Paper(id=paper_id).id == paper_id


@pytest.mark.parametrize("year", [0, 999, 3000, -2021])
def test_a_year_outside_four_digits_is_refused(year):
    with pytest.raises(ValueError, match=f"year must be between 1000 and 2999, got {year}"):
        Paper(id="1", year=year)


@pytest.mark.parametrize("year", [None, 1000, 2999])
def test_a_year_of_four_digits_or_none_is_accepted(year):
    assert Paper(id="1", year=year).year == year


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"id", "year", "authors", "keywords"}))
def test_no_text_holds_what_cannot_be_written(field):
    with pytest.raises(ValueError, match=f"{field} contains a NUL character"):
        Paper(**{"id": "1", field: "a\0b"})
    with pytest.raises(ValueError, match=f"{field} contains a lone surrogate at character 3"):
        Paper(**{"id": "1", field: "ab\ud800"})


@pytest.mark.parametrize("field", ["authors", "keywords"])
def test_no_text_of_a_list_holds_what_cannot_be_written(field):
    with pytest.raises(ValueError, match=f"{field} contains a NUL character"):
        Paper(**{"id": "1", field: ("good", "a\0b")})
    with pytest.raises(ValueError, match=f"{field} contains a lone surrogate at character 1"):
        Paper(**{"id": "1", field: ("good", "\udfff")})


def test_a_text_beyond_the_longest_is_refused_with_both_lengths():
    assert Paper(id="1", abstract="x" * LONGEST).abstract
    with pytest.raises(ValueError, match="abstract has 1,000,001 characters; at most 1,000,000"):
        Paper(id="1", abstract="x" * (LONGEST + 1))


@pytest.mark.parametrize(
    ("title", "abstract", "keywords", "text"),
    [
        ("Title", "Abstract.", (), "Title\n\nAbstract."),
        (" Title ", "\tAbstract.\n", (" ",), "Title\n\nAbstract."),
        ("Title", "", (), "Title"),
        ("", "Abstract.", (), "Abstract."),
        (" ", "\n", (), ""),
        ("e\u0301cole", "", (), "\u00e9cole"),
        ("Title", "Abstract.", ("one", "e\u0301cole"), "Title\n\nAbstract.\n\none; \u00e9cole"),
        ("Title", "", ("one",), "Title\n\none"),
    ],
)
def test_the_text_is_title_abstract_and_keywords_composed_with_a_blank_line_between(
    title, abstract, keywords, text
):
    assert Paper(id="1", title=title, abstract=abstract, keywords=keywords).text == text


def test_the_prose_leaves_the_keywords_out():
    paper = Paper(id="1", title=" Title", abstract="e\u0301cole", keywords=("one",))
    assert paper.prose == "Title\n\n\u00e9cole"


def test_compatibility_characters_of_the_text_stay_for_display():
    assert Paper(id="1", title="ＡＢＣ，摘要").text == "ＡＢＣ，摘要"


def test_the_digest_is_sha_256_of_the_text():
    # printf 'abc' | sha256sum
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert Paper(id="1", title="abc").digest == known
    assert (
        Paper(id="1", title="产教", abstract="融合").digest
        == hashlib.sha256("产教\n\n融合".encode()).hexdigest()
    )


def test_the_digest_sees_the_text_and_nothing_else():
    base = Paper(id="1", title="école")
    assert Paper(id="2", title=" e\u0301cole", year=2020, venue="Journal").digest == base.digest
    assert Paper(id="1", title="Ecole").digest != base.digest
    assert Paper(id="1", title="école", keywords=("school",)).digest != base.digest


@pytest.mark.parametrize("text", ["", " \n\u3000", "——……", "?!", "\u200b"])
def test_a_paper_without_letter_or_digit_is_blank(text):
    assert Paper(id="1", title=text, abstract=text, keywords=("word",)).is_blank


@pytest.mark.parametrize("text", ["a", "9", "融", "ü", "٣"])
def test_one_letter_or_digit_is_text(text):
    assert not Paper(id="1", abstract=f"… {text} …").is_blank


def test_a_paper_cannot_be_changed_or_given_by_position():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Paper(id="1").title = "New"
    with pytest.raises(TypeError):
        Paper("1")


def test_the_fields_are_these_in_this_order():
    assert " ".join(FIELDS) == (
        "id title abstract authors venue year volume issue pages doi url keywords language subject"
    )


def test_as_dict_is_plain_json_with_every_field():
    record = Paper(id="20", authors=("王作鹏",), venue="教育与职业", year=2021).as_dict()
    assert list(record) == list(FIELDS)
    assert json.loads(json.dumps(record)) == record
    assert (record["authors"], record["keywords"], record["year"], record["doi"]) == (
        ["王作鹏"],
        [],
        2021,
        "",
    )


@given(
    st.builds(
        Paper,
        id=st.sampled_from(["1", "二"]),
        title=texts,
        abstract=texts,
        authors=st.lists(texts, max_size=3).map(tuple),
        year=st.none() | st.integers(1000, 2999),
        keywords=st.lists(texts, max_size=3).map(tuple),
    )
)
def test_from_dict_makes_the_paper_of_as_dict(paper):
    assert Paper.from_dict(json.loads(json.dumps(paper.as_dict()))) == paper


def test_from_dict_refuses_what_is_no_paper():
    with pytest.raises(TypeError, match="colour"):
        Paper.from_dict({"id": "1", "colour": "red"})
    with pytest.raises(TypeError, match="id"):
        Paper.from_dict({"title": "No id"})
    with pytest.raises(ValueError, match="year"):
        Paper.from_dict({"id": "1", "year": 12})


@given(texts, texts)
def test_the_text_is_stable_under_composition_and_stripping(title, abstract):
    text = Paper(id="1", title=title, abstract=abstract).text
    assert unicodedata.is_normalized("NFC", text)
    assert text == text.strip()
