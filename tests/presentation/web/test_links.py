"""Where results lead: what is quoted once for all of a page reads as what is asked for."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.requests import Request

from recommender.presentation.web.asked import PageQuestion, with_step
from recommender.presentation.web.frame import Frame
from recommender.presentation.web.links import Leading

ODD = ["9", "a&b=c", "x y+z", "号%3D;#?", "é/ü"]


def framed(query="", root="", cookie=""):
    headers = [(b"host", b"localhost"), (b"cookie", cookie.encode())]
    return Frame.of(
        Request({
            "type": "http", "method": "GET", "path": "/find", "query_string": query.encode(),
            "headers": headers, "scheme": "http", "server": ("localhost", 80), "root_path": root,
        })
    )  # fmt: skip


def read(address, path="/find"):
    parts = urlsplit(address)
    assert parts.path == path
    return parse_qsl(parts.query, strict_parsing=True)


@pytest.mark.parametrize("paper_id", ODD)
@pytest.mark.parametrize("via", [[], ["q=%E5%9C%9F%20a", "like=16"]], ids=["first", "third"])
def test_a_result_leads_on_and_explains_and_is_liked(paper_id, via):
    asked = PageQuestion(q="土壤 & soil", like=["55"], language=["zh"])
    own = [*asked.pairs(), *(("via", step) for step in via)]
    links = Leading(framed(), asked, via, ["299"]).of(paper_id)
    onward = [("via", step) for step in with_step(via, asked.step(), paper_id)]
    assert read(links.onward) == [("like", paper_id), *onward]
    assert read(links.why) == [*own, ("explain", "299"), ("explain", paper_id)]
    assert read(links.alone) == [*own, ("explain", paper_id), ("part", paper_id)]
    assert read(links.like) == [*own, ("like", paper_id)]
    assert read(links.unlike) == [*own, ("unlike", paper_id)]


def test_what_is_explained_is_closed_again_and_what_is_liked_is_not_liked_twice():
    asked = PageQuestion(like=["9"], unlike=["55"])
    leading = Leading(framed(), asked, [], ["299", "103"])
    explained = leading.of("299")
    assert read(explained.why) == [*asked.pairs(), ("explain", "103")]
    assert read(explained.alone) == [*asked.pairs(), ("part", "299")]
    assert (leading.of("9").like, leading.of("55").like, leading.of("55").unlike) == ("", "", "")
    assert leading.of("9").unlike


def test_a_result_that_the_path_came_from_leads_back_to_there():
    asked = PageQuestion(like=["16"])
    leading = Leading(framed(), asked, ["q=soil", "like=9"], [])
    assert read(leading.of("9").onward) == [("like", "9"), ("via", "q=soil")]
    assert read(leading.of("16").onward) == [("like", "16"), ("via", "q=soil"), ("via", "like=9")]
    alone = Leading(framed(), asked, ["like=9"], [])
    assert read(alone.of("9").onward) == [("like", "9")]


def test_a_choice_goes_along_until_a_cookie_holds_it_and_a_site_may_lie_below_a_path():
    asked = PageQuestion(like=["9"])
    chosen = Leading(framed("ui=en", root="/similar"), asked, [], []).of("1")
    assert read(chosen.onward, "/similar/find") == [("like", "1"), ("via", "like=9"), ("ui", "en")]
    assert read(chosen.alone, "/similar/find")[-2:] == [("ui", "en"), ("part", "1")]
    kept = Leading(framed("ui=en", cookie="ui=en"), asked, [], []).of("1")
    assert read(kept.like) == [("like", "9"), ("like", "1")]
