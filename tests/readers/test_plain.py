from recommender.readers import read_papers


def test_every_line_is_an_abstract_named_by_its_number(read):
    papers = read("a.txt", "甲。\n\n乙。")
    assert [(paper.id, paper.title, paper.abstract) for paper in papers] == [
        ("1", "", "甲。"),
        ("3", "", "乙。"),
    ]


def test_papers_come_before_the_file_has_been_read_to_its_end(source):
    papers = read_papers(source("a.txt", "甲。\n" + "x" * 1_000_001))
    assert next(papers).paper.abstract == "甲。"


def test_a_line_of_ten_megabytes_is_rejected_and_the_next_line_read(source):
    rejected = []
    path = source("a.txt", "产教融合。" * 700_000 + "\n乙。\n")
    assert [found.paper.id for found in read_papers(path, rejected.append)] == ["2"]
    assert [error.place for error in rejected] == ["line 1"]
