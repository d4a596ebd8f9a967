"""PubMed XML: what its interface answers, and the files of its yearly baseline."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from recommender.readers.fields import Fields, full_name, papers_from
from recommender.readers.parts import page_range
from recommender.readers.reader import Reject, SourcePaper
from recommender.readers.source import SourceFile
from recommender.readers.xml_records import elements, root_of, text_in

RECORDS = frozenset({"PubmedArticle", "PubmedBookArticle"})
LEFT_OUT = frozenset({"ReferenceList", "CommentsCorrectionsList", "AffiliationInfo"})


class PubMed:
    """Reads every article; its PMID is the id. The parts of an abstract stand in lines of their own."""

    name = "pubmed"
    suffixes: tuple[str, ...] = ()

    def matches(self, source: SourceFile) -> bool:
        return root_of(source) in {"PubmedArticleSet", *RECORDS}

    def read(self, source: SourceFile, on_reject: Reject) -> Iterator[SourcePaper]:
        records = elements(source, RECORDS, without=LEFT_OUT)
        return papers_from(records, _fields, source.path, on_reject)


def _fields(record: Element) -> Fields:
    citation = record.find("MedlineCitation")
    if citation is None:
        citation = record.find("BookDocument")
    if citation is None or not (pmid := text_in(citation, "PMID")):
        raise ValueError("an article of PubMed has a PMID, this has none")
    found = citation.find("Article")
    article = citation if found is None else found
    words = citation.findall("KeywordList/Keyword") or citation.findall(
        "MeshHeadingList/MeshHeading/DescriptorName"
    )
    issue = "Journal/JournalIssue"
    title = text_in(article, "ArticleTitle") or text_in(article, "VernacularTitle")
    book = text_in(citation, "Book/BookTitle")
    pages = article.find("Pagination")
    return {
        "id": pmid,
        "title": title or book,
        "abstract": _abstract(article),
        "authors": [_name(author) for author in _authors(article)],
        "venue": text_in(article, "Journal/Title")
        or text_in(citation, "MedlineJournalInfo/MedlineTA")
        or (book if title else text_in(citation, "Book/Publisher/PublisherName")),
        "year": text_in(article, f"{issue}/PubDate/Year")
        or text_in(article, f"{issue}/PubDate/MedlineDate")
        or text_in(article, "ArticleDate/Year")
        or text_in(citation, "Book/PubDate/Year")
        or text_in(citation, "ContributionDate/Year"),
        "volume": text_in(article, f"{issue}/Volume"),
        "issue": text_in(article, f"{issue}/Issue"),
        "pages": text_in(pages, "MedlinePgn")
        or page_range(text_in(pages, "StartPage"), text_in(pages, "EndPage")),
        "doi": text_in(article, "ELocationID[@EIdType='doi']")
        or text_in(record, "PubmedData/ArticleIdList/ArticleId[@IdType='doi']")
        or text_in(citation, "ArticleIdList/ArticleId[@IdType='doi']")
        or text_in(record, "PubmedBookData/ArticleIdList/ArticleId[@IdType='doi']"),
        "url": f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isdecimal() else "",
        "keywords": [text_in(word) for word in words],
        "language": text_in(article, "Language"),
    }


def _abstract(article: Element) -> str:
    parts = []
    for part in article.findall("Abstract/AbstractText"):
        label, text = part.get("Label", ""), text_in(part)
        parts.append(f"{label}: {text}" if label and label != "UNLABELLED" else text)
    return "\n".join(part for part in parts if part)


def _authors(article: Element) -> list[Element]:
    """Return the authors; a chapter lists the editors of its book too, and a book may have no others."""
    lists = [each for each in article.findall("AuthorList") if each.get("Type", "authors") == "authors"]
    lists = lists or article.findall("AuthorList") or article.findall("Book/AuthorList")
    return [author for each in lists for author in each.findall("Author")]


def _name(author: Element) -> str:
    family = text_in(author, "LastName")
    given = text_in(author, "ForeName") or text_in(author, "Initials")
    return full_name(family, given, text_in(author, "Suffix")) or text_in(author, "CollectiveName")
