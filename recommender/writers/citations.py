"""How a paper is named in one line."""

from recommender.text.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from recommender.paper import Paper
    from recommender.writers.cited import Cited

AUTHORS_SHOWN = 3
LONGEST_TITLE = 120  # columns of a first sentence that stands for a title
CJK = ("\u3040", "\u9fff")  # kana and Han: where titles stand in 《》 and names are not spaced


def display_title(paper: "Cited") -> str:
    """Return the title, or the first sentence of an abstract that has none.

    >>> from recommender.paper import Paper
    >>> display_title(Paper(id="1", abstract="专业群建设是重要载体.文章以理论为基础."))
    '专业群建设是重要载体.'
    """
    if title := printable(paper.title):
        return title
    from recommender.text.sentences import first_sentence  # most papers have a title

    return printable(first_sentence(paper.abstract, limit=LONGEST_TITLE))


def citation_line(paper: "Cited") -> str:
    """Return authors, venue, year, volume, issue, pages in one line, as far as they are known.

    >>> from recommender.paper import Paper
    >>> citation_line(Paper(id="20", authors=("王作鹏",), venue="教育与职业", year=2021, volume="998",
    ...     issue="22", pages="91-96"))
    '王作鹏 《教育与职业》2021,998(22):91-96'
    >>> citation_line(Paper(id="1", authors=("A. Berg", "B. Ito"), venue="Acta Botanica", year=2019))
    'A. Berg, B. Ito. Acta Botanica 2019'
    """
    wide = any(CJK[0] <= character <= CJK[1] for character in paper.venue or "".join(paper.authors))
    shown = ", ".join(map(without_braces, paper.authors[:AUTHORS_SHOWN]))
    if len(paper.authors) > AUTHORS_SHOWN:
        shown += " 等" if wide else " et al."
    venue = f"《{paper.venue}》" if wide and paper.venue else paper.venue
    issue = f"({paper.issue})" if paper.issue else ""
    where = ",".join(part for part in (str(paper.year or ""), f"{paper.volume}{issue}") if part)
    if paper.pages:
        where = f"{where}:{paper.pages}"
    source = f"{venue}{where}" if wide else f"{venue} {where}".strip()
    gap = " " if wide or not shown or shown.endswith(".") else ". "
    return printable(f"{shown}{gap}{source}".strip())


def without_braces(name: str) -> str:
    """Return the name of a body that is in braces, as BibTeX keeps it together.

    >>> without_braces("{World Health Organization}"), without_braces("{A} and {B}")
    ('World Health Organization', '{A} and {B}')
    """
    is_kept = len(name) > 2 and name[0] == "{" and name[-1] == "}"
    return name[1:-1].strip() if is_kept and not set(name[1:-1]) & set("{}") else name


def link_of(paper: "Paper") -> str:
    """Return where the paper is on the web, "" where that is not known.

    >>> from recommender.paper import Paper
    >>> link_of(Paper(id="1", doi="10.1000/xyz")), link_of(Paper(id="1", url="javascript:alert(1)"))
    ('https://doi.org/10.1000/xyz', '')
    """
    if paper.url.startswith(("http://", "https://")):
        return printable(paper.url)
    return f"https://doi.org/{printable(paper.doi)}" if paper.doi else ""
