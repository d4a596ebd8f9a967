"""What repositories put into Dublin Core."""

import pytest

ANSWER = (
    "<OAI-PMH><ListRecords><record><header><identifier>oai:1</identifier></header><metadata><dc><title>{}</title>{}"
    "</dc></metadata></record></ListRecords></OAI-PMH>"
)


@pytest.fixture
def record(read):
    def record_(*said, title="On the bees of the valley"):
        elements = "".join(f"<{name}>{text}</{name.split()[0]}>" for name, text in said)
        [paper] = read("a.xml", ANSWER.format(title, elements))
        return paper

    return record_


def test_the_year_is_the_earliest_and_not_that_of_the_accession(record):
    assert record(("date", "2026-01-02T03:04:05Z"), ("date", "2026"), ("date", "2015")).year == 2015
    assert record(("date", "1001"), ("date", "2015")).year == 2015


def test_the_abstract_is_that_in_the_language_of_the_title(record):
    english, german = (
        "The bees of the valley are few.",
        "Die Bienen des Tales sind nicht mehr sehr zahlreich, wie es scheint.",
    )
    assert record(("description", german), ("description", english)).abstract == english
    assert (
        record(("description xml:lang='de'", "A b c d e f."), ("description xml:lang='en'", "A b.")).abstract
        == "A b."
    )
    assert record(("description", german)).abstract == german


def test_creators_are_names_as_everywhere(record):
    said = ("王, 作鹏", "欧阳, 修", "Smith, John; University of Graz", "Doe, Jane; Roe, Ann")
    authors = record(*(("creator", text) for text in said)).authors
    assert authors == ("王作鹏", "欧阳修", "Smith, John", "Doe, Jane", "Roe, Ann")


def test_a_subject_may_hold_several(record):
    assert record(("subject", "a; b"), ("subject", "c, d")).keywords == ("a", "b", "c, d")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Acta; Vol 3 No 2 (2015): Spring; 91-96", ("Acta", "3", "2", 2015, "91-96")),
        ("Acta; v. 3, n. 2 (2015); 91–96", ("Acta", "3", "2", 2015, "91-96")),
        ("Acta; Vol. 3 (2015); e17", ("Acta", "3", "", 2015, "e17")),
        ("Acta; Bd. 3 Nr. 2 (2015): Titel", ("Acta", "3", "2", 2015, "")),
        ("Acta; No. 12 (2015)", ("Acta", "", "12", 2015, "")),
        ("学报; 第 3 卷 第 2 期 (2015); 91-96", ("学报", "3", "2", 2015, "91-96")),
        ("Bees; a journal", ("Bees; a journal", "", "", None, "")),
    ],
)
def test_the_source_of_a_journal_system_is_taken_apart(record, text, wanted):
    paper = record(("source", "1234-5678"), ("source", text))
    assert (paper.venue, paper.volume, paper.issue, paper.year, paper.pages) == wanted
