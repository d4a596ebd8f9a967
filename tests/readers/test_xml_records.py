"""What no XML may do, in whichever of its formats: reach outside, expand, nest or grow without end."""

import pytest

from recommender.errors import SourceError
from recommender.readers import read_papers, xml_records

FORMATS = {  # around a title, which a record of each has
    "pubmed": "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>{}"
    "</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>",
    "jats": "<article><front><article-meta><article-id pub-id-type='pmid'>1</article-id><title-group>"
    "<article-title>{}</article-title></title-group></article-meta></front></article>",
    "endnotexml": "<xml><records><record><rec-number>1</rec-number><titles><title>{}</title></titles>"
    "</record></records></xml>",
    "oai": "<OAI-PMH><ListRecords><record><header><identifier>1</identifier></header><metadata><dc><title>{}"
    "</title></dc></metadata></record></ListRecords></OAI-PMH>",
}
each_format = pytest.mark.parametrize("name", FORMATS)


def xml(name, title, before=""):
    return f'<?xml version="1.0"?>{before}{FORMATS[name].format(title)}'


@each_format
def test_a_record_may_be_so_long_and_no_longer(read, name, monkeypatch):
    (paper,) = read("a.xml", xml(name, "Bees"), reader=name)
    assert (paper.id, paper.title) == ("1", "Bees")
    monkeypatch.setattr(xml_records, "LONGEST_RECORD", 1000)
    assert len(read("a.xml", xml(name, "b" * 900), reader=name)) == 1
    with pytest.raises(SourceError, match="a record is longer than 1,000 characters"):
        read("a.xml", xml(name, "b" * 1001), reader=name)
    with pytest.raises(SourceError, match="a record is longer than 1,000 characters"):
        read("a.xml", xml(name, "<i/>" * 1001), reader=name)


@each_format
def test_elements_may_lie_so_deep_and_no_deeper(read, name):
    assert len(read("a.xml", xml(name, "<i>" * 100 + "x" + "</i>" * 100), reader=name)) == 1
    with pytest.raises(SourceError, match="nested more than 200 deep"):
        read("a.xml", xml(name, "<i>" * 200 + "x" + "</i>" * 200), reader=name)


@each_format
@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY e SYSTEM "{secret}">',
        '<!ENTITY % p SYSTEM "{secret}">%p;',
        '<!ENTITY d "x"><!ENTITY e "&d;&d;">',
    ],
    ids=["file", "parameter", "expanding"],
)
def test_nothing_that_a_file_declares_is_read(source, tmp_path, name, declared):
    secret = tmp_path / "secret"
    secret.write_text("open sesame")
    before = f"<!DOCTYPE x [{declared.format(secret=secret.as_uri())}]>"
    with pytest.raises(SourceError) as caught:
        [*read_papers(source("a.xml", xml(name, "&e;", before)), reader=name)]
    assert "document type definition of its own" in str(caught.value)


@each_format
def test_a_definition_elsewhere_is_not_looked_at(source, tmp_path, name):
    definition = tmp_path / "a.dtd"
    definition.write_text('<!ENTITY e "open sesame"><!ENTITY eacute "sesame">')
    before = f'<!DOCTYPE x SYSTEM "{definition.as_uri()}">'
    (found,) = read_papers(source("a.xml", xml(name, "Caf&eacute;", before)), reader=name)
    assert found.paper.title == "Café"
    with pytest.raises(SourceError, match="the entity &e; is defined nowhere in the file"):
        [*read_papers(source("b.xml", xml(name, "&e;", before)), reader=name)]
