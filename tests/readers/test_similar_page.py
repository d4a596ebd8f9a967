import pytest

from recommender.errors import RecordError, SourceError
from recommender.paper import Paper
from recommender.readers import read_papers

HEADER = "相似文献\n共查询到{}条相似文献\n"
LINK = "\u00a0 相似文献\u00a0 \u00a0"


def test_the_seed_page_has_twenty_records_of_which_the_fifteenth_is_blank(seed):
    papers = {found.paper.id: found.paper for found in read_papers(seed)}
    assert list(papers) == [str(number) for number in range(1, 21)]
    assert [paper.id for paper in papers.values() if paper.is_blank] == ["15"]
    assert papers["15"] == Paper(id="15")
    assert papers["16"].abstract.startswith("在政策支持下,产教融合、校企合作已成为")
    assert papers["17"].abstract.startswith("KPO是服务外包的高级形式")


def test_the_abstracts_of_the_seed_page_have_143_to_481_characters_and_the_ninth_is_the_longest(seed):
    lengths = {found.paper.id: len(found.paper.abstract) for found in read_papers(seed)}
    assert (lengths.pop("15"), min(lengths.values()), lengths["9"]) == (0, 143, max(lengths.values()))
    assert lengths["9"] == 481


def test_the_twentieth_record_of_the_seed_page_has_its_citation(seed):
    paper = [found.paper for found in read_papers(seed)][-1]
    assert paper.abstract.startswith("专业群建设是高职院校深化产教融合、实现高质量发展的重要载体.文章以")
    assert paper.abstract.endswith("增强学校核心竞争力.")
    assert (paper.title, paper.authors, paper.venue) == ("", ("王作鹏",), "教育与职业")
    assert (paper.year, paper.volume, paper.issue, paper.pages) == (2021, "998", "22", "91-96")


def test_the_furniture_of_the_seed_page_is_no_text(seed):
    text = "\n".join(found.paper.text for found in read_papers(seed))
    assert not [
        word for word in ("相似文献", "首页", "Copyright", "ICP备", "共查询", "\u00a0") if word in text
    ]


def test_the_seed_page_without_the_number_of_a_record_is_rejected(tmp_path, seed):
    page = tmp_path / "page.txt"
    page.write_text(seed.read_text(encoding="utf-8").replace("\n7.\n", "\n"), encoding="utf-8")
    with pytest.raises(RecordError, match="page header: page states 20 records, 19 found"):
        list(read_papers(page))


def test_the_seed_page_reads_the_same_in_every_encoding_and_as_html(tmp_path, seed):
    text = seed.read_text(encoding="utf-8")
    expected = list(read_papers(seed))
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        page = tmp_path / f"{encoding}.txt"
        page.write_text(text, encoding=encoding)
        assert list(read_papers(page)) == expected
    page = tmp_path / "page.html"
    page.write_text("<html><body>" + text.replace("\n", "<br>\n") + "</body></html>", encoding="utf-8")
    assert list(read_papers(page)) == expected


def test_the_page_is_rejected_before_its_first_paper(source):
    papers = read_papers(source("a.txt", HEADER.format(3) + f"1.\n甲。{LINK}\n"))
    with pytest.raises(RecordError, match="page states 3 records, 1 found"):
        next(papers)


def test_several_blank_records_in_a_row_stay_separate(read):
    papers = read("a.txt", HEADER.format(4) + f"1.\n2.\n3.\n丙。{LINK}\n4.\n")
    assert [(paper.id, paper.abstract) for paper in papers] == [
        ("1", ""),
        ("2", ""),
        ("3", "丙。"),
        ("4", ""),
    ]


def test_a_record_that_has_lost_its_link_keeps_its_text_and_its_successor(read):
    papers = read("a.txt", HEADER.format(3) + f"1.\n甲。{LINK}\n2.\n乙。\n3.\n丙。{LINK}\n")
    assert [paper.abstract for paper in papers] == ["甲。", "乙。", "丙。"]


def test_a_page_without_a_stated_number_is_read(read):
    papers = read("a.txt", f"相似文献\n1.\n甲。{LINK}\n2.\n乙。{LINK}\n")
    assert [paper.abstract for paper in papers] == ["甲。", "乙。"]


def test_a_page_that_lists_nothing_holds_no_record(source):
    with pytest.raises(SourceError, match="holds no record; read as similar_page"):
        list(read_papers(source("a.html", "<p>" + HEADER.format(0))))


def test_a_file_without_numbered_records_is_no_page(source):
    with pytest.raises(SourceError, match="is no page of 相似文献"):
        list(read_papers(source("a.html", "<p>Hello</p>")))


def test_an_unknown_footer_behind_the_last_link_is_dropped(read):
    [paper] = read("a.txt", HEADER.format(1) + f"1.\n甲。{LINK}\n关于我们 | 联系方式\n友情链接\n")
    assert paper.abstract == "甲。"


def test_damaged_entities_make_a_page_unreadable_and_say_so(source):
    with pytest.raises(SourceError, match=r"is damaged HTML \(an entity of 5,000 digits in line 3\)"):
        list(read_papers(source("a.html", "<p>1.\n<p>&#9;\n<p>&#" + "9" * 5000)))


def test_a_record_of_ten_megabytes_in_one_line_is_rejected_and_the_next_one_read(source):
    rejected = []
    text = "产教融合。 " * 700_000
    path = source("a.txt", HEADER.format(2) + f"1.\n{text}{LINK}\n2.\n乙。{LINK}\n")
    assert [found.paper.abstract for found in read_papers(path, rejected.append)] == ["乙。"]
    assert [(error.place, error.paper_id) for error in rejected] == [("record 1", "1")]
