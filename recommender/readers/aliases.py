"""What sources call the fields of a paper, in the columns of tables and the keys of objects."""

import re
from collections.abc import Iterable, Mapping

from recommender.text.normalise import matching
from recommender.text.scripts import HAN

# Field of Paper → what sources call it. Of several in one record the first that has a value counts.
# Names that may stand in a table and be empty in some rows are no ids: an id that is empty is refused.
ALIASES: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "_id", "paper_id", "doc_id", "编号", "序号", "文献编号", "记录号", "ut_(unique_wos_id)",
        "unique_wos_id", "eid",
    ),
    "title": (
        "title", "article_title", "document_title", "paper_title", "篇名", "题名", "标题", "论文题目",
        "论文标题", "文章标题", "文章题名", "文献题名", "文献标题", "中文题名", "中文标题",
    ),
    "abstract": ("abstract", "summary", "摘要", "中文摘要", "内容摘要", "abstract_note", "text"),
    "authors": (
        "author_full_names", "authors", "author", "author_list", "author_names", "作者", "作者姓名",
    ),
    "venue": (
        "venue", "journal", "source_title", "journal_name", "journal_title", "publication_title",
        "publication_name", "container_title", "journal/book", "刊名", "期刊", "期刊名", "期刊名称",
        "刊物名称", "文献来源", "来源期刊", "来源出版物", "来源",
    ),
    "year": (
        "year", "publication_year", "pub_year", "published_year", "年", "年份", "出版年", "出版年份",
        "发表年", "发表年份", "date", "publication_date", "发表时间", "发表日期", "出版时间", "出版日期",
    ),
    "volume": ("volume", "卷", "卷号"),
    "issue": ("issue", "期", "期号", "number"),
    "pages": ("pages", "页码", "起止页码", "起止页", "页码范围"),
    "doi": ("doi",),
    "url": ("url", "link", "链接", "网址"),
    "keywords": (
        "keywords", "keyword", "author_keywords", "关键词", "关键字", "中文关键词", "keywords_plus",
        "index_keywords", "manual_tags",
    ),
    "language": ("language", "lang", "语言", "语种"),
    "subject": ("subject", "discipline", "category", "学科", "分类", "wos_categories", "research_areas"),
}  # fmt: skip
# The pages where they stand in two columns; an article with a number has no others.
ENDS_OF_PAGES = {
    "first_page": (
        "start_page",
        "page_start",
        "first_page",
        "起始页",
        "起始页码",
        "article_number",
        "art._no.",
    ),
    "last_page": ("end_page", "page_end", "last_page", "结束页", "结束页码", "终止页"),
}
# The header of a tab-delimited export of the Web of Science, whose `ID` holds keywords.
TAGS: dict[str, tuple[str, ...]] = {
    "id": ("ut",), "title": ("ti",), "abstract": ("ab",), "authors": ("af", "au", "ca"), "venue": ("so",),
    "year": ("py",), "volume": ("vl",), "issue": ("is",), "first_page": ("bp", "ar"), "last_page": ("ep",),
    "doi": ("di",), "keywords": ("de", "id"), "language": ("la",), "subject": ("wc", "sc"),
}  # fmt: skip
MARKS_OF_TAGS = frozenset(("pt", "ti", "so", "ut"))
BILINGUAL = re.compile(rf"\s*[A-Za-z]+[-－]([{HAN}]+|DOI)\s*")  # Title-题名, as CNKI has it

Meaning = tuple[str, int]  # a field, and the rank of the name among those of the field


def _by_name(aliases: Mapping[str, tuple[str, ...]]) -> dict[str, Meaning]:
    return {name: (field, rank) for field, names in aliases.items() for rank, name in enumerate(names)}


NAMES = _by_name(ALIASES | ENDS_OF_PAGES)
NAMES_OF_TAGS = _by_name(TAGS)


def meanings(names: Iterable[str]) -> list[tuple[str, Meaning]]:
    """Return what those of the column `names` mean that are known, in their order.

    >>> meanings(["Title-题名", "Page start", "score"])
    [('Title-题名', ('title', 5)), ('Page start', ('first_page', 1))]
    """
    keys = [(name, _key(name)) for name in names]
    known = NAMES_OF_TAGS if MARKS_OF_TAGS.issubset(key for _, key in keys) else NAMES
    found = ((name, known.get(key) or _of_bilingual(name)) for name, key in keys)
    return [(name, meaning) for name, meaning in found if meaning]


def _of_bilingual(name: str) -> Meaning | None:
    bilingual = BILINGUAL.fullmatch(name)
    return NAMES.get(_key(bilingual[1])) if bilingual else None


def _key(name: str) -> str:
    return matching(name).replace(" ", "_").replace("-", "_")
