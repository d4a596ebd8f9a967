"""What a notebook shows of an answer."""

from html.parser import HTMLParser

from recommender.neighbour import Label
from recommender.paper import Paper
from recommender.recommendation import Answer, Query, Recommendation

EVIL = "<script>alert(1)</script>"


class Tags(HTMLParser):
    """Collects the tags, the links and the text."""

    def __init__(self):
        super().__init__()
        self.tags, self.links, self.text = set(), [], []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert not [name for name, _ in attributes if name.startswith("on")]
        self.links += [value for name, value in attributes if name == "href"]

    def handle_data(self, data):
        self.text.append(data)


def test_an_answer_is_a_table_in_which_nothing_of_a_paper_is_markup():
    evil = Paper(
        id='"><b>',
        title=EVIL,
        authors=("<i>x",),
        venue="<u>",
        url='https://x.example/"onclick="y',
        language='zh" onx="',
    )
    plain = Paper(id="2", title="产教融合", url="javascript:alert(1)", year=2021)
    answer = Answer(
        query=Query(like=("1",)), liked=(Paper(id="1", title=EVIL),), build_id="B", seconds=0.0,
        results=(
            Recommendation(1, 0.5, 0.99996, Label.SAME_TOPIC, evil),
            Recommendation(2, 0.25, 0.5, Label.UNKNOWN, plain),
        ),
    )  # fmt: skip
    read = Tags()
    read.feed(answer._repr_html_())
    assert read.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td", "span", "a", "br", "small"}
    assert read.links == ['https://x.example/"onclick="y']
    assert f"2 papers similar to 1 {EVIL}, build B" in read.text
    assert {"0.500", "99.99 %", "same topic", EVIL, '"><b>', "产教融合"} <= {*read.text}
