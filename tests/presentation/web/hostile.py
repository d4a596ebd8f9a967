"""200 texts that would run if one page forgot to escape them, written in every format that is read."""

import csv
import io
import json
from html import escape

TAGS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//", "<iframe src=javascript:alert(1)>", '<a href="javascript:alert(1)">x</a>',
    "<body onload=alert(1)>", "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<details open ontoggle=alert(1)>", "<input autofocus onfocus=alert(1)>", "<style>@import'//x.example'</style>",
    "<link rel=stylesheet href=//x.example>", '<meta http-equiv=refresh content="0;url=//x.example">',
    "<base href=//x.example/>", "<object data=javascript:alert(1)>", "<embed src=//x.example>",
    "<template><script>alert(1)</script></template>", '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<textarea><img src=x onerror=alert(1)>", '<!--<img src="--><img src=x onerror=alert(1)//">',
    "<![CDATA[<script>alert(1)</script>]]>", '<?xml-stylesheet href="javascript:alert(1)"?>',
    '" onmouseover="alert(1)', "' onfocus='alert(1)' autofocus='", " onclick=alert(1) ", "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "{{7*7}}{% import os %}", "${7*7}#{7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;alert(1)&#x3c;/script>", "＜script＞alert(1)＜/script＞",
    "<scr\u200bipt>alert(1)</scr\u200bipt>", "<script\u2028>alert(1)</script\u2029>", "<SCRIPT SRC=//x.example></SCRIPT>",
    '<div hx-get="/export?like=1" hx-trigger="load">', "%3Cscript%3Ealert(1)%3C/script%3E",
    '</li></ol></main><main><h2><a href="//x.example">x</a></h2>', "<marquee onstart=alert(1)>",
)  # fmt: skip
ENDS = ("", '">', "'>", "</title></textarea></script></style>", "--> ]]> ")
STRINGS = tuple(end + tag for tag in TAGS for end in ENDS)
WORDS = "Bees and pesticides"


def written(folder, key):
    """Write the file of a format, and return its path."""
    file, make = FILES[key]
    content = make()
    path = folder / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def name(number):
    """Return the title of a hostile paper: words that it is found by, then what might run."""
    return f"{WORDS} {number} {STRINGS[number]}"


def jsonl():
    records = (
        {"id": f"{number}{text if text.isprintable() else ''}".strip(), "title": name(number), "abstract": f"They fly. {text}", "authors": [text, "A. B"],
         "venue": text, "year": 2020, "volume": text, "issue": text, "pages": text, "doi": text, "keywords": [text],
         "url": text, "language": "en", "subject": f"s{number % 7} {text}"}
        for number, text in enumerate(STRINGS)
    )  # fmt: skip
    return "\n".join(json.dumps(record) for record in records)


def delimited():
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(["id", "title", "abstract", "authors", "venue", "keywords", "url"])
    table.writerows([f"c{n}", name(n), text, text, text, text, text] for n, text in enumerate(STRINGS))
    return file.getvalue()


def lines(before, *tagged, after=""):
    """Write records of lines: each tag with a text that takes the title and the hostile string."""
    return "".join(
        before + "".join(line.format(title=name(n), text=text, n=n) + "\n" for line in tagged) + after
        for n, text in enumerate(STRINGS)
    )


def bibtex():
    return "".join(
        f"@article{{k{n},\n title = {{{balanced(name(n))}}},\n author = {{{balanced(text)}}},\n"
        f" journal = {{{balanced(text)}}},\n url = {{{balanced(text)}}},\n abstract = {{{balanced(text)}}}\n}}\n"
        for n, text in enumerate(STRINGS)
    )


def balanced(text):
    return text.replace("{", "(").replace("}", ")").replace("\\", "/")


def xml(head, record, foot):
    """Write records of XML, whose texts are the hostile ones, escaped as XML has it."""
    return head + "".join(
        record.format(title=escape(name(n)), text=escape(text), n=n) for n, text in enumerate(STRINGS)
    ) + foot  # fmt: skip


def csl():
    return json.dumps(
        [
            {"id": f"z{n}", "type": "article-journal", "title": name(n), "abstract": text, "URL": text, "DOI": text,
             "author": [{"family": text, "given": text}], "container-title": text, "keyword": text}
            for n, text in enumerate(STRINGS)
        ]
    )  # fmt: skip


def openalex():
    return "\n".join(
        json.dumps(
            {"id": f"https://openalex.org/W{n}", "title": name(n), "abstract_inverted_index": {text: [0], "x": [1]},
             "authorships": [{"author": {"display_name": text}}], "publication_year": 2020,
             "primary_location": {"landing_page_url": text, "source": {"display_name": text}}}
        )
        for n, text in enumerate(STRINGS)
    )  # fmt: skip


def crossref():
    items = [
        {"DOI": f"10.1000/{n}", "type": "journal-article", "title": [name(n)], "container-title": [text], "URL": text,
         "author": [{"given": text, "family": text}], "abstract": f"<jats:p>{escape(text)}</jats:p>{text}"}
        for n, text in enumerate(STRINGS)
    ]  # fmt: skip
    return json.dumps({"status": "ok", "message-type": "work-list", "message": {"items": items}})


def semantic_scholar():
    return "\n".join(
        json.dumps({"corpusid": n + 1, "externalids": {"DOI": text}, "title": name(n), "abstract": text, "url": text,
                    "venue": text, "authors": [{"name": text}], "year": 2020})
        for n, text in enumerate(STRINGS)
    )  # fmt: skip


def arxiv():
    return "\n".join(
        json.dumps({"id": f"2101.{n:05}", "authors": text, "title": name(n), "abstract": text, "categories": text,
                    "journal-ref": text, "doi": text, "update_date": "2021-01-04",
                    "authors_parsed": [[text, text, ""]]})
        for n, text in enumerate(STRINGS)
    )  # fmt: skip


def similar_html():
    return "<html><body><h1>相似文献</h1>" + "".join(
        f"<p>{n + 1}.</p><p>{escape(name(n))}</p><p>They fly. {escape(text)} <a href='#'>相似文献</a></p>"
        for n, text in enumerate(STRINGS)
    ) + "</body></html>"  # fmt: skip


def parquet():
    import pyarrow
    from pyarrow import parquet as files

    columns = {"id": [f"p{n}" for n in range(len(STRINGS))], "title": [*map(name, range(len(STRINGS)))]}
    columns |= {key: [*STRINGS] for key in ("abstract", "authors", "venue", "url", "keywords")}
    buffer = io.BytesIO()
    files.write_table(pyarrow.table(columns), buffer)
    return buffer.getvalue()


DC = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
FILES = {
    "jsonl": ("a.jsonl", jsonl),
    "delimited": ("a.csv", delimited),
    "csljson": ("a.json", csl),
    "openalex": ("openalex.jsonl", openalex),
    "crossref": ("crossref.json", crossref),
    "semanticscholar": ("s2.jsonl", semantic_scholar),
    "arxiv": ("arxiv.jsonl", arxiv),
    "bibtex": ("a.bib", bibtex),
    "similar_page": ("page.html", similar_html),
    "parquet": ("a.parquet", parquet),
    "plain": ("a.txt", lambda: lines("", "{title}")),
    "ris": (
        "a.ris",
        lambda: lines("TY  - JOUR\n", "ID  - r{n}", "TI  - {title}", "AU  - {text}", "AB  - {text}", "JO  - {text}",
                      "UR  - {text}", "KW  - {text}", after="ER  - \n\n"),
    ),
    "nbib": (
        "a.nbib",
        lambda: lines("", "PMID- {n}", "TI  - {title}", "AB  - {text}", "FAU - {text}", "JT  - {text}", "OT  - {text}",
                      after="\n"),
    ),
    "endnote": (
        "a.enw",
        lambda: lines("%0 Journal Article\n", "%T {title}", "%A {text}", "%X {text}", "%J {text}", "%U {text}",
                      after="\n"),
    ),
    "refworks": (
        "refworks.txt",
        lambda: lines("RT Journal Article\n", "T1 {title}", "A1 {text}", "AB {text}", "JF {text}", after="\n"),
    ),
    "noteexpress": (
        "ne.txt",
        lambda: lines("{{Reference Type}}: Journal Article\n".replace("{{", "{").replace("}}", "}"),
                      "{{Title}}: {title}", "{{Author}}: {text}", "{{Journal}}: {text}", "{{Abstract}}: {text}",
                      after="\n"),
    ),
    "endnotexml": (
        "endnote.xml",
        lambda: xml(
            "<xml><records>",
            "<record><rec-number>{n}</rec-number><contributors><authors><author>{text}</author></authors>"
            "</contributors><titles><title>{title}</title><secondary-title>{text}</secondary-title></titles>"
            "<abstract>{text}</abstract><urls><related-urls><url>{text}</url></related-urls></urls></record>",
            "</records></xml>",
        ),
    ),
    "pubmed": (
        "pubmed.xml",
        lambda: xml(
            "<PubmedArticleSet>",
            "<PubmedArticle><MedlineCitation><PMID>{n}</PMID><Article><Journal><Title>{text}</Title></Journal>"
            "<ArticleTitle>{title}</ArticleTitle><Abstract><AbstractText>{text}</AbstractText></Abstract>"
            "<AuthorList><Author><CollectiveName>{text}</CollectiveName></Author></AuthorList></Article>"
            "<KeywordList><Keyword>{text}</Keyword></KeywordList></MedlineCitation></PubmedArticle>",
            "</PubmedArticleSet>",
        ),
    ),
    "jats": (
        "jats.xml",
        lambda: xml(
            "<articles>",
            '<article><front><article-meta><article-id pub-id-type="pmc">PMC{n}</article-id><title-group>'
            "<article-title>{title}</article-title></title-group><abstract><p>{text}</p></abstract><kwd-group><kwd>"
            "{text}</kwd></kwd-group></article-meta></front></article>",
            "</articles>",
        ),
    ),
    "oai": (
        "oai.xml",
        lambda: xml(
            '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>',
            "<record><header><identifier>oai:x:{n}</identifier><datestamp>2026-11-01</datestamp></header><metadata>"
            f"<oai_dc:dc {DC}><dc:title>{{title}}</dc:title><dc:creator>{{text}}</dc:creator><dc:subject>{{text}}"
            "</dc:subject><dc:description>{text}</dc:description><dc:identifier>{text}</dc:identifier></oai_dc:dc>"
            "</metadata></record>",
            "</ListRecords></OAI-PMH>",
        ),
    ),
}  # fmt: skip
