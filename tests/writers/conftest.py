import pytest

from recommender.paper import Paper


@pytest.fixture
def paper():
    """A Chinese paper with every field."""
    return Paper(
        id="wang2021",
        title="“双高计划”下的专业群",
        abstract="第一段。\n第二段，5%。",
        authors=("王作鹏", "Smith, John"),
        venue="教育与职业",
        year=2021,
        volume="998",
        issue="22",
        pages="91-96",
        doi="10.1000/xyz_1",
        url="https://example.org/~a_b",
        keywords=("双高计划", "专业群"),
        language="zh",
        subject="教育学",
    )
