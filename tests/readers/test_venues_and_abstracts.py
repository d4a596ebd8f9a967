"""What tagged formats, EndNote XML, CSL-JSON and PubMed say in more than one way."""

import json

import pytest

from recommender.readers import read_papers

RIS = "TY  - {}\nTI  - On bees\n{}ER  - \n"
ENW = "%0 {}\n%T On bees\n{}\n"
REF_WORKS = "RT Dissertation\nT1 On bees\nA1 Smith, John\n{}\n"
END_NOTE_XML = (
    "<xml><records><record><rec-number>1</rec-number><titles><title>On bees</title></titles>{}"
    "</record></records></xml>"
)


@pytest.mark.parametrize(
    ("name", "content", "venue"),
    [
        ("a.ris", RIS.format("THES", "PB  - University of Graz\n"), "University of Graz"),
        ("a.ris", RIS.format("CHAP", "BT  - The book\nPB  - Springer\n"), "The book"),
        ("a.ris", RIS.format("JOUR", "T2  - Acta\nPB  - Springer\n"), "Acta"),
        ("a.ris", "TY  - BOOK\nBT  - On bees\nPB  - Springer\nER  - \n", "Springer"),
        ("a.enw", ENW.format("Thesis", "%I University of Graz"), "University of Graz"),
        ("a.enw", ENW.format("Book Section", "%B The book\n%I Springer"), "The book"),
        ("a.txt", REF_WORKS.format("PB University of Graz"), "University of Graz"),
        ("a.xml", END_NOTE_XML.format("<publisher>Springer</publisher>"), "Springer"),
        (
            "a.csljson",
            '[{"id": "1", "type": "book", "title": "On bees", "publisher": "Springer"}]',
            "Springer",
        ),
        (
            "a.csljson",
            '[{"id": "1", "title": "On bees", "container-title": "Acta", "publisher": "Springer"}]',
            "Acta",
        ),
    ],
)
def test_what_is_in_no_journal_has_its_book_or_its_publisher_as_venue(read, name, content, venue):
    [paper] = read(name, content)
    assert (paper.title, paper.venue) == ("On bees", venue)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.ris", RIS.format("JOUR", "AB  - First.\nAB  - Second.\nAB  - First.\n")),
        ("a.enw", ENW.format("Journal Article", "%X First.\n%X Second.")),
        ("a.txt", REF_WORKS.format("AB First.\nAB Second.")),
        ("a.net", "{Reference Type}: Journal\n{Title}: On bees\n{Abstract}: First.\n{Abstract}: Second.\n"),
        ("a.nbib", "PMID- 1\nTI  - On bees\nAB  - First.\nAB  - Second.\n"),
    ],
)
def test_an_abstract_in_several_fields_is_kept_whole(read, name, content):
    [paper] = read(name, content)
    assert paper.abstract == "First.\nSecond."


def test_markup_of_html_is_no_text_of_ris(read):
    tags = (
        "T2  - A &amp; B\nAU  - O&apos;Brien, Pat\nKW  - R&amp;D\nUR  - https://x.org/?a=1&lt;=2\n"
        "AB  - <p>In <i>Apis</i>,&nbsp;p &lt; 0.05.</p><p>Two: a < b.</p>\n"
    )
    [paper] = read("a.ris", RIS.format("JOUR", tags))
    assert (paper.venue, paper.authors, paper.keywords) == ("A & B", ("O'Brien, Pat",), ("R&D",))
    assert paper.abstract == "In Apis,\u00a0p < 0.05.\nTwo: a < b."
    assert paper.url == "https://x.org/?a=1&lt;=2"


def test_markup_of_html_is_no_text_of_csl_json(read):
    item = {"id": "1", "title": "<i>Apis</i> &amp; us", "abstract": "a < b, <b>c</b>\nand x <y and z> w"}
    [paper] = read("a.csljson", json.dumps([item]))
    assert (paper.title, paper.abstract) == ("Apis & us", "a < b, c\nand x <y and z> w")


def test_the_suffix_of_a_name_is_kept(read):
    person = {"family": "King", "given": "Martin", "suffix": "Jr."}
    [paper] = read("a.csljson", json.dumps([{"id": "1", "title": "x", "author": [person]}]))
    assert paper.authors == ("King, Martin Jr.",)


ARTICLE = (
    "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article>"
    "<ArticleTitle>On bees</ArticleTitle>"
    "<Pagination><StartPage>91</StartPage><EndPage>96</EndPage></Pagination>"
    "<AuthorList><Author><LastName>King"
    "</LastName><ForeName>Martin</ForeName><Suffix>Jr</Suffix></Author></AuthorList></Article></MedlineCitation>"
    "</PubmedArticle></PubmedArticleSet>"
)
BOOK = (
    "<PubmedArticleSet><PubmedBookArticle><BookDocument><PMID>1</PMID><ArticleIdList>"
    "<ArticleId IdType='doi'>10.1/b</ArticleId></ArticleIdList>"
    "<Book><Publisher><PublisherName>Springer</PublisherName></Publisher>"
    "<BookTitle>The book</BookTitle><PubDate><Year>2015</Year></PubDate><AuthorList Type='editors'><Author>"
    "<LastName>Ed</LastName></Author></AuthorList></Book>{}</BookDocument></PubmedBookArticle></PubmedArticleSet>"
)
CHAPTER = (
    "<ArticleTitle>On bees</ArticleTitle><AuthorList Type='editors'><Author><LastName>Ed</LastName></Author>"
    "</AuthorList><AuthorList Type='authors'><Author><LastName>Smith</LastName></Author></AuthorList>"
)


def test_the_pages_of_pubmed_may_be_in_two_elements(read):
    [paper] = read("a.xml", ARTICLE)
    assert (paper.pages, paper.authors) == ("91-96", ("King, Martin Jr",))


def test_a_chapter_of_pubmed_has_the_book_as_venue_and_a_book_its_publisher(read):
    [chapter] = read("a.xml", BOOK.format(CHAPTER))
    [book] = read("b.xml", BOOK.format(""))
    assert (chapter.title, chapter.venue, chapter.authors) == ("On bees", "The book", ("Smith",))
    assert (book.title, book.venue, book.authors) == ("The book", "Springer", ("Ed",))
    assert {(each.year, each.doi) for each in (chapter, book)} == {(2015, "10.1/b")}


def test_a_year_that_is_none_is_none_in_every_format(source):
    for name, content in (
        ("a.ris", RIS.format("JOUR", "PY  - n.d.\n")),
        ("a.csv", "title,year\nOn bees,n.d.\n"),
    ):
        assert [found.paper.year for found in read_papers(source(name, content))] == [None]
