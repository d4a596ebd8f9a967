"""Files of every format with one line or field of ten megabytes: in time, within memory, nothing else lost.

Two megabytes are enough of what Python looks at piece by piece: names, accents, tags, words, columns.
"""

import json

import pytest

from recommender.errors import SourceError
from recommender.readers import READERS, detect, read_papers
from tests.reliability import fuzz

LARGE, SLOW = 10_000_000, 2_000_000  # bytes
SECONDS_A_KB = 0.02  # a fiftieth of what a small file may take, and twenty times what these do


def filled(piece, size=LARGE):
    """Return a text of so many bytes."""
    return piece * (size // len(piece.encode()))


def ris(tag, text):
    return f"TY  - JOUR\nID  - 1\nTI  - One\n{tag}  - {text}\nER  -\nTY  - JOUR\nID  - 2\nTI  - Two\nER  -\n"


def bibtex(field, text):
    return f"@article{{1, {field} = {{{text}}}}}\n@article{{2, title = {{Two}}}}\n"


def nbib(tag, text):
    return f"PMID- 1\nTI  - One\n{tag:<4}- {text}\n\nPMID- 2\nTI  - Two\n"


def endnote(tag, text):
    return f"%0 Journal Article\n%F 1\n%T One\n%{tag} {text}\n\n%0 Journal Article\n%F 2\n%T Two\n"


def refworks(tag, text):
    return f"RT Journal Article\nID 1\nT1 One\n{tag} {text}\n\nRT Journal Article\nID 2\nT1 Two\n"


def note_express(tag, text):
    start = "{Reference Type}: Journal Article\n{Accession Number}: "
    return f"{start}1\n{{Title}}: One\n{{{tag}}}: {text}\n\n{start}2\n{{Title}}: Two\n"


def endnote_xml(text):
    one = f"<rec-number>1</rec-number><abstract><style>{text}</style></abstract>"
    two = "<rec-number>2</rec-number><titles><title>Two</title></titles>"
    return f"<xml><records><record>{one}</record><record>{two}</record></records></xml>"


def pubmed(text):
    one = f"<PMID>1</PMID><Article><Abstract><AbstractText>{text}</AbstractText></Abstract></Article>"
    two = "<PMID>2</PMID><Article><ArticleTitle>Two</ArticleTitle></Article>"
    records = (f"<PubmedArticle><MedlineCitation>{it}</MedlineCitation></PubmedArticle>" for it in (one, two))
    return f"<PubmedArticleSet>{''.join(records)}</PubmedArticleSet>"


def jats(text):
    pmid = '<article-id pub-id-type="pmid">'
    one = f"{pmid}1</article-id><abstract><p>{text}</p></abstract>"
    two = f"{pmid}2</article-id><title-group><article-title>Two</article-title></title-group>"
    records = (f"<article><front><article-meta>{it}</article-meta></front></article>" for it in (one, two))
    return f"<articles>{''.join(records)}</articles>"


def oai(text):
    one = f"<header><identifier>1</identifier></header><metadata><dc><title>{text}</title></dc></metadata>"
    two = "<header><identifier>2</identifier></header><metadata><dc><title>Two</title></dc></metadata>"
    return f"<OAI-PMH><ListRecords><record>{one}</record><record>{two}</record></ListRecords></OAI-PMH>"


def lines(one, **usual):
    """Return JSON lines of two records, which differ from what is usual."""
    two = {"id": "2", "title": "Two"}
    return "".join(json.dumps(usual | it, ensure_ascii=False) + "\n" for it in ({"id": "1"} | one, two))


def array(one, **usual):
    return f"[{','.join(lines(one, **usual).splitlines())}]"


def csl(one):
    return array(one, type="book", author=[])


def openalex(one):
    prefix = "https://openalex.org/"
    return lines({"id": f"{prefix}1"} | one, authorships=[]).replace('"id": "2"', f'"id": "{prefix}2"')


def crossref(abstract):
    return lines({"DOI": "1", "abstract": abstract}, **{"reference-count": 0, "DOI": "2"})


def arxiv(one):
    return lines(one, **{"report-no": ""})


def table(delimiter, text):
    rows = (("id", "title", "abstract"), ("1", "One", text), ("2", "Two", ""))
    return "".join(delimiter.join(row) + "\n" for row in rows)


def page(text):
    link = "\u00a0 相似文献\n"
    return f"相似文献\n共查询到2条相似文献\n1.\n{text}。{link}2.\nTwo。{link}"


def html(text):
    return "<html>" + page(text).replace("\n", "<p>")


# Format: ending, what makes the file, ids of the papers, places of the rejects.
CASES = [
    ("plain", "txt", lambda: filled("字 "), [], ["line 1"]),
    ("ris", "ris", lambda: ris("AB", filled("字 ")), ["2"], ["line 1"]),
    ("ris", "ris", lambda: ris("AU", filled("王, 作鹏; ", SLOW)), ["1", "2"], []),
    ("ris", "ris", lambda: "TY  - JOUR\nTI  - " + filled("TY  - "), [], ["line 1"]),
    ("bibtex", "bib", lambda: bibtex("abstract", filled("bees ")), ["2"], ["line 1"]),
    ("bibtex", "bib", lambda: bibtex("title", filled(r"{\'e}", SLOW)), ["1", "2"], []),
    ("bibtex", "bib", lambda: bibtex("author", filled("Bee, A. and ", SLOW)), ["1", "2"], []),
    ("bibtex", "bib", lambda: bibtex("title", filled("{", SLOW)), ["2"], ["line 1"]),
    ("nbib", "nbib", lambda: nbib("AB", filled("bees ")), ["2"], ["line 1"]),
    ("endnote", "enw", lambda: endnote("X", filled("字 ")), ["2"], ["line 1"]),
    ("endnote", "enw", lambda: endnote("A", filled("王作鹏;", SLOW)), ["1", "2"], []),
    ("refworks", "txt", lambda: refworks("AB", filled("字 ")), ["2"], ["line 1"]),
    ("refworks", "txt", lambda: refworks("K1", filled("双高计划;", SLOW)), ["1", "2"], []),
    ("noteexpress", "net", lambda: note_express("Abstract", filled("字 ")), ["2"], ["line 1"]),
    ("noteexpress", "net", lambda: note_express("Author", filled("王作鹏，", SLOW)), ["1", "2"], []),
    (
        "noteexpress",
        "txt",
        lambda: note_express("Abstract", filled("的和 ")).encode("gb18030"),
        ["2"],
        ["line 1"],
    ),
    ("endnotexml", "xml", lambda: endnote_xml(filled("字 ")), ["2"], ["line 1"]),
    ("pubmed", "xml", lambda: pubmed(filled("字 ")), ["2"], ["line 1"]),
    ("pubmed", "xml", lambda: pubmed(filled("&lt;")), ["2"], ["line 1"]),
    ("jats", "nxml", lambda: jats(filled("字 ")), ["2"], ["line 1"]),
    ("jats", "nxml", lambda: jats(filled("<i>bee</i>", SLOW)), ["1", "2"], []),
    ("oai", "xml", lambda: oai(filled("字 ")), ["2"], ["line 1"]),
    ("jsonl", "jsonl", lambda: lines({"abstract": filled("字 ")}), ["2"], ["line 1"]),
    ("jsonl", "jsonl", lambda: lines({"id": filled("1\u200b"), "title": "One"}), ["2"], ["line 1"]),
    ("jsonl", "jsonl", lambda: lines({"title": "One", "year": filled("9")}), ["2"], ["line 1"]),
    ("jsonl", "json", lambda: array({"abstract": filled("字 ")}), ["2"], ["record 1"]),
    ("csljson", "json", lambda: csl({"title": "One", "abstract": filled("字 ")}), ["2"], ["record 1"]),
    ("csljson", "json", lambda: csl({"title": "One", "keyword": filled("bees; ", SLOW)}), ["1", "2"], []),
    ("openalex", "jsonl", lambda: openalex({"title": filled("字 ")}), ["2"], ["line 1"]),
    (
        "openalex",
        "jsonl",
        lambda: openalex({"abstract_inverted_index": {f"w{n}": [n] for n in range(100_000)}}),
        ["1", "2"],
        [],
    ),
    ("crossref", "jsonl", lambda: crossref(filled("字 ")), ["2"], ["line 1"]),
    ("crossref", "jsonl", lambda: crossref(filled("<jats:p>bee</jats:p>", SLOW)), ["1", "2"], []),
    ("semanticscholar", "jsonl", lambda: lines({"abstract": filled("字 ")}, paperId="2"), ["2"], ["line 1"]),
    ("arxiv", "jsonl", lambda: arxiv({"abstract": filled("bees\n  ")}), ["2"], ["line 1"]),
    (
        "arxiv",
        "jsonl",
        lambda: arxiv({"title": "One", "authors": filled("A. Bee and ", SLOW)}),
        ["1", "2"],
        [],
    ),
    ("delimited", "csv", lambda: table(",", filled("字 ")), ["2"], ["line 2"]),
    ("delimited", "csv", lambda: table(",", f'"{filled(chr(34) * 2 + "字" + chr(10))}"'), ["2"], ["line 2"]),
    ("delimited", "tsv", lambda: table("\t", filled("字 ")), ["2"], ["line 2"]),
    ("similar_page", "txt", lambda: page(filled("字 ")), ["2"], ["record 1"]),
    ("similar_page", "html", lambda: html(filled("<b>字</b>", SLOW)), ["1", "2"], []),
    ("similar_page", "html", lambda: html(filled("&lt;", SLOW)), ["1", "2"], []),
]


@pytest.mark.parametrize(
    ("name", "ending", "make", "ids", "places"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)]
)
def test_a_field_of_megabytes_is_read_or_rejected_in_time_and_spoils_no_other(
    source, name, ending, make, ids, places
):
    content = make()
    path = source(f"large.{ending}", content)
    del content
    rejected = []
    assert detect(path).name == name
    with fuzz.bounded(path.stat().st_size, SECONDS_A_KB):
        assert [found.paper.id for found in read_papers(path, rejected.append)] == ids
    assert [reject.place for reject in rejected] == places
    for reject in rejected:
        fuzz.check_reject(reject, path)
        assert len(reject.reason) <= 300


@pytest.mark.parametrize(
    ("ending", "make", "said"),
    [
        ("csv", lambda: table(",", '"' + filled('""字\n')), r", line 2: unexpected end of data"),
        ("csv", lambda: "title," + filled("字,", SLOW) + "\n", " holds no record"),
        ("json", lambda: filled("["), ", line 1: broken JSON array: nested too deeply"),
        ("xml", lambda: "<PubmedArticleSet>" + filled("<a>"), ", line 1: elements are nested"),
        (
            "html",
            lambda: html("&#" + filled("9")),
            r" is damaged HTML \(an entity of 10,000,000 digits in line 1",
        ),
    ],
)
def test_a_file_of_megabytes_that_is_refused_is_refused_in_time(source, ending, make, said):
    path = source(f"large.{ending}", make())
    with (
        fuzz.bounded(path.stat().st_size, SECONDS_A_KB),
        pytest.raises(SourceError, match=f"{path}{said}") as caught,
    ):
        list(read_papers(path, lambda reject: None))
    fuzz.check_refusal(caught.value, path)
    assert len(str(caught.value)) < 1_000


def test_every_reader_of_text_has_a_large_file():
    assert {case[0] for case in CASES} == {reader.name for reader in READERS} - {"parquet"}
