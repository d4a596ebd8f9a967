"""Values that go on for many lines, in every format of tagged lines."""

import pytest

from recommender.readers import SourceFile
from recommender.readers.endnote_tagged import DIALECT as END_NOTE
from recommender.readers.nbib import DIALECT as NBIB
from recommender.readers.note_express import DIALECT as NOTE_EXPRESS
from recommender.readers.refworks import DIALECT as REF_WORKS
from recommender.readers.ris import LOOSE, STRICT, Ris
from recommender.readers.tagged import Dialect, tagged_records
from tests.conftest import LINEAR, times_as_long

RIS = [Dialect(line, first="TY", last="ER") for line in (STRICT, LOOSE)]
BEGINNINGS = {"PMID": "PMID- 1\n", "TY": "TY  - JOUR\n", "0": "%0 J\n", "RT": "RT J\n"}
DIALECTS = [NBIB, NOTE_EXPRESS, END_NOTE, REF_WORKS, *RIS]


def records(tmp_path, dialect, text):
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    return [*tagged_records(SourceFile(path), dialect, lambda error: None)]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.first)
def test_a_value_of_many_lines_takes_linear_time(tmp_path, dialect):
    beginning = {"REFERENCE TYPE": "{Reference Type}: J\n"} | BEGINNINGS

    def read(n):
        [(_, tags)] = records(tmp_path, dialect, beginning[dialect.first] + "x\n" * n)
        assert tags[dialect.first][0].count("x") == n

    assert times_as_long(read, 100_000) < LINEAR


def test_lines_are_joined_as_the_format_has_it_and_empty_ones_are_none(tmp_path):
    text = "PMID- 1\nTI  - \n      One\n\n      two \nAB  - x\n      y\nTI  - z\n"
    assert records(tmp_path, NBIB, text) == [
        ("line 1", {"PMID": ["1"], "TI": ["One two", "z"], "AB": ["x y"]})
    ]


def test_a_value_that_makes_no_paper_is_refused_while_it_is_read_and_the_next_record_is_not(tmp_path):
    going_on = "".join("y" * 99 + "\n" for _ in range(10_001))
    path = tmp_path / "file.ris"
    path.write_text(
        f"TY  - JOUR\nAB  - x\n{going_on}TI  - One\nER  -\nTY  - JOUR\nID  - 2\nTI  - Two\nER  -\n"
    )
    rejected = []
    assert [entry.paper.id for entry in Ris().read(SourceFile(path), rejected.append)] == ["2"]
    assert [(error.place, error.reason) for error in rejected] == [
        ("line 1", "AB goes on for more than 1,000,000 characters; no more make a paper")
    ]
