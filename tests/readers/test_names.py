import pytest

from recommender.readers.names import split_authors, split_citation_authors, split_keywords, split_names


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
        ("Smith, John; 王作鹏; Doe, Jane", ("Smith, John", "王作鹏", "Doe, Jane")),
        ("Müller, Karl and 李四", ("Müller, Karl", "李四")),
        ("王作鹏, Smith, John, 李四", ("王作鹏", "Smith, John", "李四")),
        ("李四, John Smith, Jane Doe", ("李四", "John Smith", "Jane Doe")),
        ("Smith, J., Müller, K.", ("Smith, J.", "Müller, K.")),
        ("Smith, J. A., Doe, J.-P., & van der Berg, K", ("Smith, J. A.", "Doe, J.-P.", "van der Berg, K")),
        ("Smith J, Doe JA, Müller K", ("Smith J", "Doe JA", "Müller K")),
        ("J. Smith, K. H. Müller", ("J. Smith", "K. H. Müller")),
        ("John Smith, Jane Doe", ("John Smith", "Jane Doe")),
        ("Wang Zuopeng, Li Si, Zhang San", ("Wang Zuopeng", "Li Si", "Zhang San")),
        ("Juan Ruiz, Li Si, and Bob Ray", ("Juan Ruiz", "Li Si", "Bob Ray")),
        ("Wang Zuopeng, Li Si and Bob Ray", ("Wang Zuopeng", "Li Si", "Bob Ray")),
        ("欧阳, 修; 王, 作鹏", ("欧阳修", "王作鹏")),
    ],
)
def test_authors_are_split_at_marks_but_not_inside_a_name(text, authors):
    assert split_authors(text) == authors


@pytest.mark.parametrize(
    "text",
    [
        "Smith, J.",
        "Smith, John A.",
        "García Márquez, Gabriel José",
        "de la Cruz, Ana María",
        "Wang Zuopeng, Li Si",
        "Smith, John, Doe, Jane",
        "Smith, J. A., III",
        "SMITH JOHN, DOE JANE",
        "John Smith, Jr.",
        "University of Vienna, Department of Ecology, Institute of Botany",
        "World Health Organization, Geneva",
    ],
)
def test_names_that_may_be_one_stay_one(text):
    assert split_authors(text) == (text,)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("欧阳, 修", ("欧阳修",)),
        ("司马，相如", ("司马相如",)),
        ("諸葛, 亮", ("諸葛亮",)),
        ("欧阳, 王作鹏", ("欧阳", "王作鹏")),
        ("王芳, 李四", ("王芳", "李四")),
        ("欧阳修, 王安石", ("欧阳修", "王安石")),
        ("Smith, John", ("Smith, John",)),
        ("John Smith, Jane Doe", ("John Smith, Jane Doe",)),
    ],
)
def test_a_field_of_one_name_knows_the_family_names_of_two_characters(text, names):
    assert split_names(text) == names


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
