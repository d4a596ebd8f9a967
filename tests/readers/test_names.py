import pytest

from recommender.readers.names import split_authors, split_citation_authors, split_keywords


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("", ()),
        ("王作鹏", ("王作鹏",)),
        ("王作鹏；李四、张三|赵六; 孙七", ("王作鹏", "李四", "张三", "赵六", "孙七")),
        ("王作鹏,李四，张三", ("王作鹏", "李四", "张三")),
        ("Smith, John", ("Smith, John",)),
        ("Smith, John; Doe, Jane;", ("Smith, John", "Doe, Jane")),
        ("Ann Lee and Bo Chen", ("Ann Lee", "Bo Chen")),
        ("Anderson and Sandra", ("Anderson", "Sandra")),
        ("山田 太郎；鈴木 花子", ("山田 太郎", "鈴木 花子")),
    ],
)
def test_authors_are_split_at_marks_but_not_inside_a_name(text, authors):
    assert split_authors(text) == authors


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("王作鹏", ("王作鹏",)),
        ("王作鹏 李四\u3000张三", ("王作鹏", "李四", "张三")),
        ("王作鹏,李四，张三、赵六；孙七;周八", ("王作鹏", "李四", "张三", "赵六", "孙七", "周八")),
        ("John Smith 李四", ("John Smith", "李四")),
        ("", ()),
    ],
)
def test_authors_of_a_citation_line_are_split_at_spaces_too(text, authors):
    assert split_citation_authors(text) == authors


@pytest.mark.parametrize(
    ("text", "keywords"),
    [
        ("产教融合；双高; 治理", ("产教融合", "双高", "治理")),
        ("产教融合，双高", ("产教融合", "双高")),
        ("graphs, trees", ("graphs", "trees")),
        ("graphs, directed; trees", ("graphs, directed", "trees")),
        ("1,2-dichloroethane", ("1,2-dichloroethane",)),
    ],
)
def test_commas_separate_keywords_only_where_nothing_stronger_does(text, keywords):
    assert split_keywords(text) == keywords
