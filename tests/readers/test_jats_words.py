"""What JATS says in several ways, or about something else."""

import pytest

ARTICLE = (
    "<article><front><article-meta>{}<title-group><article-title>On<break/>bees</article-title></title-group>{}"
    "<abstract><p>{}</p></abstract></article-meta></front></article>"
)
TEX = r"<tex-math>\documentclass[12pt]{minimal} \begin{document}$$x_1$$\end{document}</tex-math>"
MATH = (
    "<mml:math xmlns:mml='http://www.w3.org/1998/Math/MathML'><mml:mi>x</mml:mi><mml:annotation>x_1</mml:annotation>"
    "</mml:math>"
)


@pytest.fixture
def article(read):
    def article_(before="", people="", abstract="x"):
        [paper] = read("a.xml", ARTICLE.format(before, people, abstract))
        return paper

    return article_


@pytest.mark.parametrize(
    ("dates", "year"),
    [
        (
            [("pub-type", "nihms-submitted", 2013), ("pub-type", "ppub", 2015), ("pub-type", "epub", 2014)],
            2015,
        ),
        ([("pub-type", "epub", 2014), ("pub-type", "collection", 2015)], 2015),
        ([("pub-type", "pmc-release", 2016), ("pub-type", "epub", 2014)], 2014),
        ([("date-type", "preprint", 2013), ("date-type", "pub", 2014)], 2014),
        ([("pub-type", "nihms-submitted", 2013)], 2013),
    ],
)
def test_the_year_is_that_of_publication(article, dates, year):
    said = "".join(f'<pub-date {name}="{kind}"><year>{each}</year></pub-date>' for name, kind, each in dates)
    assert article(said).year == year


@pytest.mark.parametrize(
    ("abstract", "said"),
    [
        (f"Let <inline-formula><alternatives>{TEX}{MATH}</alternatives></inline-formula> be.", "Let x be."),
        (f"Let <inline-formula>{MATH}{TEX}</inline-formula> be.", "Let x be."),
        (f"Let <inline-formula>{TEX}</inline-formula> be.", "Let $x_1$ be."),
        (f"Let {MATH} and {MATH} be.", "Let x and x be."),
        ("One<break/>two.", "One two."),
        ("<alternatives><textual-form>a</textual-form><textual-form>b</textual-form></alternatives>", "a"),
    ],
)
def test_a_formula_is_said_once_and_a_break_parts_words(article, abstract, said):
    paper = article(abstract=abstract)
    assert (paper.title, paper.abstract) == ("On bees", said)


def test_a_group_is_an_author_without_its_members_and_a_suffix_is_kept(article):
    people = (
        "<contrib-group><contrib contrib-type='author'><collab>The X Group<contrib-group><contrib><name>"
        "<surname>Member</surname><given-names>A</given-names></name></contrib></contrib-group></collab></contrib>"
        "<contrib contrib-type='author'><name><surname>King</surname><given-names>Martin</given-names>"
        "<suffix>Jr</suffix></name></contrib></contrib-group>"
    )
    assert article(people=people).authors == ("The X Group", "King, Martin Jr")


@pytest.mark.parametrize("kind", ["pmc", "pmcid"])
def test_the_number_in_pubmed_central_has_two_names(article, kind):
    assert article(f"<article-id pub-id-type='{kind}'>PMC7</article-id>").id == "PMC7"
