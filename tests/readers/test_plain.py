def test_every_line_is_an_abstract_named_by_its_number(read):
    papers = read("a.txt", "甲。\n\n乙。")
    assert [(paper.id, paper.title, paper.abstract) for paper in papers] == [
        ("1", "", "甲。"),
        ("3", "", "乙。"),
    ]


def test_a_line_of_ten_megabytes_is_one_abstract(read):
    text = "产教融合。" * 700_000
    assert [paper.abstract for paper in read("a.txt", text)] == [text]
