"""The pages for people, read without scripts."""

import html
import json
import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from recommender.presentation.web.asked import LONGEST_PATH, PageQuestion, path_of, with_step
from recommender.presentation.web.frame import HERE
from recommender.presentation.web.site import Site
from recommender.recommendation import Filters, Query
from recommender.text.numbers import share
from recommender.writers import WRITERS
from recommender.writers.atom import ATOM

ZH, EN = {"Accept-Language": "zh-CN,zh;q=0.9"}, {"Accept-Language": "en-GB,en;q=0.9"}
PAGES = [
    "/",
    "/find?like=9",
    "/advanced",
    "/subjects",
    "/subjects/education",
    "/latest",
    "/map",
    "/same-work",
    "/developers",
    "/find?like=nope",
]


class Links(HTMLParser):
    """Collects the addresses of a page with their texts."""

    def __init__(self, page):
        super().__init__()
        self.found, self._open = [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self._open = [dict(attrs), ""]

    def handle_data(self, data):
        if self._open:
            self._open[1] += data

    def handle_endtag(self, tag):
        if tag == "a" and self._open:
            self.found.append((self._open[0]["href"], self._open[1].strip(), self._open[0]))
            self._open = None


def get(client, address, language=ZH):
    response = client.get(address, headers=language | {"Accept": "text/html"})
    assert response.status_code == 200, response.text
    return response.text


def links(page, text):
    return [href for href, words, _ in Links(page).found if words == text]


def ranked(page):
    """Return the titles of the results in order."""
    return [
        html.unescape(title)
        for title in re.findall(r"<h2[^>]*><a href=\"[^\"]+\"[^>]*>([^<]+)</a></h2>", page)
    ]


def test_a_list_is_that_of_the_library_with_its_true_number(client, recommender):
    page = get(client, "/find?like=9&k=7")
    results = recommender.similar_to("9", 7).results
    assert ranked(page) == [result.paper.title for result in results]
    assert re.search(r"共查询到7条相似文献，搜索用时 \d+\.\d\d 毫秒", page)
    assert "顾承远, 陶建平 《区域教育观察》2025,12(1):55-61" in page
    assert "近乎重复" in page
    assert f"相似度 {share(results[0].similarity)}" in page
    assert page.count('class="result"') == 7


def test_the_number_is_true_where_few_are_found(client):
    page = get(client, "/find?like=9&author=陶建平", EN)
    assert re.search(r"1 similar paper found in \d+\.\d\d ms", page)
    page = get(client, "/find?q=产教融合&min_similarity=0.9999999&language=ru", ZH)
    assert "共查询到0条相似文献" in page
    assert "没有足够相似的文献" in page


def test_the_fields_of_a_form_ask_what_the_library_is_asked(client, recommender):
    query = Query(
        text="产教融合 治理",
        like=("20",),
        unlike=("55", "60"),
        filters=Filters(since=2018, languages=("zh", "en"), subjects=("education",), exclude=("9",)),
        diversity=0.3,
        half_life=5.0,
        min_similarity=0.5,
    )
    address = (
        "/find?q=产教融合+治理&likes=20&unlikes=55；60;&excludes=9&since=2018&until=&language=zh&language=en"
        "&subject=education&venues=&authors=+&diversity=0.3&half_life=5&min_similarity=0.5&k=9"
    )
    expected = [result.paper.title for result in recommender.recommend(query, 9).results]
    assert ranked(get(client, address)) == expected


def test_an_id_in_a_link_may_hold_what_separates_ids_in_a_field():
    assert PageQuestion.of([("like", "a;b"), ("likes", "c;d； e")]).like == ["a;b", "c", "d", "e"]


def test_similar_papers_lead_on_and_the_path_is_shown_and_leads_back(client):
    page = get(client, "/find?q=产教融合&since=2020")
    seen, liked = [page], set()
    for _ in range(3):
        onward = {re.search(r"like=(\w+)", href)[1]: href for href in links(page, "相似文献")}
        paper = next(paper for paper in onward if paper not in liked)  # a path that comes back begins anew
        liked.add(paper)
        page = get(client, onward[paper])
        seen.append(page)
    crumbs = re.search(r'<nav class="crumbs".*?</nav>', page, re.DOTALL)[0]
    steps = Links(crumbs).found
    assert next(words for _, words, _ in steps) == "产教融合"
    assert len(steps) == 3
    for (href, _, _), earlier in zip(steps, seen[:3], strict=True):
        assert ranked(get(client, href)) == ranked(earlier)


def test_a_path_that_comes_back_begins_anew_from_there():
    start = PageQuestion(q="a&b; c", language=["zh"])
    path = with_step([], start.step(), "9")
    path = with_step(path, PageQuestion(like=["9"]).step(), "x & y")
    assert path == ["language=zh&q=a%26b%3B%20c", "like=9"]
    assert with_step(path, PageQuestion(like=["x & y"]).step(), "9") == path[:1]
    long = path
    for n in range(20):
        long = with_step(long, PageQuestion(like=[f"p{n}"]).step(), f"p{n + 1}")
    assert len(long) == LONGEST_PATH
    assert path_of([("via", "like=9"), ("via", "k=0&like=1"), ("via", ""), ("via", "x" * 4000)]) == ["like=9"]
    assert with_step([], PageQuestion(q="长" * 4000).step(), "9") == []


def test_lang_is_language_and_what_mails_add_to_an_address_asks_for_nothing(client):
    right = ranked(get(client, "/find?like=9&language=ja"))
    assert ranked(get(client, "/find?like=9&lang=ja")) == right != ranked(get(client, "/find?like=9"))
    assert ranked(get(client, "/find?like=9&lang=ja&utm_source=mail")) == right


def test_whoever_collects_pages_is_led_to_one_of_each_paper(client):
    robots = client.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert robots.text.startswith("User-agent: *\nDisallow: ")
    assert {"Disallow: /find?*&", "Disallow: /find?via=", "Disallow: /export", "Disallow: /search?"} <= {
        *robots.text.splitlines()
    }
    page, led = get(client, "/find?like=9"), get(client, "/find?like=299&via=like=9")
    noindex = '<meta name="robots" content="noindex, nofollow">'
    assert (noindex in page, noindex in led) == (False, True)
    for href, _, more in Links(page).found:
        if "via=" in href or "explain=" in href or href.startswith("/export"):
            assert more.get("rel") == "nofollow", href


def test_an_unrelated_paper_has_no_percentage_that_looks_like_likeness(client):
    page = get(client, "/find?q=zzzz+sourdough+bread&k=20", EN)
    cards = page.split('<li class="result"')[1:]
    unrelated = [card for card in cards if "level-1" in card]
    assert unrelated
    assert not any('class="share"' in card for card in unrelated)
    assert all(
        'class="share"' in card for card in get(client, "/find?like=9&k=3").split('<li class="result"')[1:]
    )


def test_a_text_that_is_the_id_of_a_paper_leads_to_what_is_similar_to_it(client):
    page = get(client, "/find?q=299")
    (href,) = links(page, "有一篇文献的编号就是“299”：查看它的相似文献")
    assert href.endswith("/find?like=299")
    assert "编号就是" not in get(client, "/find?q=产教融合")
    assert "编号就是" not in get(client, "/find?like=299")


def test_the_papers_of_whom_a_search_names_come_first_and_why_says_so(client):
    page = get(client, "/find?q=陶建平 产教联合体&explain=9")
    assert {"从名义联合到实质协同：市域产教联合体多元主体共治的梗阻与纾解"} < set(ranked(page))
    assert all("陶建平" in part for part in page.split('<li class="result"')[1:3])


def test_a_paper_leads_to_all_that_each_of_its_authors_wrote(client, recommender):
    page = get(client, "/find?like=9")
    for name in ("顾承远", "沈若溪", "陶建平"):
        (href,) = links(page, name)
        own = {paper for paper in recommender.build.papers.all() if name in paper.authors}
        assert {*ranked(get(client, href))} == {paper.title for paper in own}
    assert "作者的文献" not in get(client, "/find?q=产教融合")


def test_liking_and_disliking_change_the_question_and_can_be_taken_back(client, recommender):
    page = get(client, "/find?like=9&since=2020")
    address = next(
        href for href, _, more in Links(page).found if (more.get("aria-label") or "").startswith("更像这篇")
    )
    assert parse_qs(urlsplit(address).query)["like"] == ["9", "299"]
    page = get(client, address)
    query = Query(like=("9", "299"), filters=Filters(since=2020))
    assert ranked(page) == [result.paper.title for result in recommender.recommend(query, 20).results]
    address = next(
        href for href, _, more in Links(page).found if (more.get("aria-label") or "").startswith("不要这类")
    )
    unlike = parse_qs(urlsplit(address).query)["unlike"]
    page = get(client, address)
    assert f"－ {client.get('/papers/' + unlike[0]).json()['title'][:20]}" in page
    (drop,) = [href for href in links(page, "×") if "unlike" not in href]
    assert "unlike" not in parse_qs(urlsplit(drop).query)
    assert ranked(get(client, drop)) == ranked(get(client, "/find?like=9&like=299&since=2020"))


def test_why_opens_without_a_script_and_marks_the_sentences(client, recommender):
    page = get(client, "/find?like=9&k=3")
    address = links(page, "为什么相似")[0]
    page = get(client, address)
    (why,) = recommender.explain(recommender.similar_to("9", 1))
    for pair in why.sentences:
        assert f'<mark class="sentence">{pair.found}</mark>' in page
    assert why.meaning
    assert f"{why.meaning:+.3f}" in page
    assert "协同治理" in re.search(r"相同关键词</dt><dd>([^<]+)", page)[1]
    assert page.count('class="why"') == 1
    assert 'class="why"' not in get(client, links(page, "为什么相似")[0])


def test_a_script_is_given_the_one_result_alone(client):
    page = get(client, "/find?like=9&k=3")
    address = html.unescape(re.search(r'hx-get="([^"]+)"', page)[1])
    part = get(client, address)
    assert part.strip().startswith('<li class="result" id="r-1"')
    assert part.count("<li class=") == 1
    assert 'class="why"' in part
    assert "<html" not in part


@pytest.mark.parametrize(("name", "ending"), [(writer.name, writer.suffixes[0]) for writer in WRITERS])
def test_a_list_is_exported_in_every_format(client, recommender, as_file, name, ending):
    page = get(client, "/find?like=9&k=3&since=2020")
    (address,) = links(page, name.upper())
    response = client.get(address)
    query = Query(like=("9",), filters=Filters(since=2020))
    answer = recommender.recommend(query, 3)
    if name == "json":
        assert response.json() == json.loads(as_file(answer, name))
    else:
        assert response.content.decode() == as_file(answer, name)
    assert response.headers["content-disposition"] == f'attachment; filename="similar{ending}"'


def test_a_page_is_in_the_language_that_the_browser_prefers(client):
    assert 'lang="zh-CN"' in get(client, "/find?like=9", ZH)
    assert "20 similar papers found" in get(client, "/find?like=9", EN)
    assert client.get("/", headers=EN).headers["vary"] == "Accept-Language, Cookie"


def test_a_chosen_language_goes_before_and_is_remembered(serving):
    client = serving()
    page = client.get("/find?like=9&ui=en&theme=dark", headers=ZH)
    assert 'lang="en" data-theme="dark"' in page.text
    assert "SameSite=lax" in page.headers["set-cookie"]
    assert "ui=en" in links(page.text, "Similar papers")[0]  # in case that cookies are refused
    assert 'lang="en" data-theme="dark"' in client.get("/", headers=ZH).text
    assert "ui=" not in links(client.get("/find?like=9", headers=ZH).text, "Similar papers")[0]
    assert 'lang="zh-CN"' in client.get("/?ui=zh").text
    assert 'lang="zh-CN"' in client.get("/?ui=xx").text


def test_what_was_written_of_a_paper_is_not_shown_in_another_language_or_with_anothers_choice(serving):
    client = serving()
    assert get(client, "/find?like=9").count("展开摘要") > 3
    assert "展开摘要" not in get(client, "/find?like=9", EN)
    subject = links(get(client, "/find?like=9&ui=zh"), "教育学")[0]
    assert subject.endswith("?ui=zh")
    client.cookies.clear()
    assert links(get(client, "/find?like=9"), "教育学")[0] == subject.removesuffix("?ui=zh")


def test_a_subject_has_its_newest_and_its_central_papers(client, recommender):
    page = get(client, "/subjects/education")
    newest = re.search(r'aria-labelledby="newest".*?</section>', page, re.DOTALL)[0]
    years = [int(year) for year in re.findall(r"(20\d\d),", newest)]
    assert len(years) == 10
    assert years == sorted(years, reverse=True)
    assert 'aria-labelledby="central"' in page
    assert "教育学" in page
    assert "30 篇" in page
    assert "/subjects/education" in get(client, "/")
    response = client.get("/subjects/alchemy", headers={"Accept": "text/html"} | EN)
    assert response.status_code == 404
    assert "Not found" in response.text


def test_what_is_new_is_listed_and_fed(tmp_path, warm, serving):
    from recommender.settings import Settings
    from recommender.workspace import Workspace

    workspace = Workspace(Settings(home=warm(tmp_path / "home")))
    for number, titles in enumerate((["Bees", "Flowers"], ["Bees", "Flowers", "Wasps and bees"])):
        file = tmp_path / f"{number}.jsonl"
        lines = [json.dumps({"id": f"i{n}", "title": title}) for n, title in enumerate(titles)]
        file.write_text("\n".join(lines), "utf-8")
        with workspace.writing():
            workspace.import_files([file])
            workspace.rebuild()
    client = serving(of=workspace)
    page = get(client, "/latest", EN)
    assert "1 paper came since" in page
    assert "Wasps and bees" in page
    assert ">Flowers<" not in page
    (feed,) = links(page, "As an Atom feed")
    root = ET.fromstring(client.get(feed).text)  # noqa: S314
    assert [node.findtext(f"{{{ATOM}}}title") for node in root.findall(f"{{{ATOM}}}entry")] == [
        "Wasps and bees"
    ]
    assert "3 papers came since 2020-01-01" in get(client, "/latest?day=2020-01-01&follow=", EN)
    assert "of them" in get(client, "/latest?follow=i0", EN)
    for address in (feed, "/new", "/new?format=atom"):  # what is fetched every hour is sent once
        tag = client.get(address).headers["etag"]
        assert tag.startswith(f'"{workspace.store.current_id()}.')
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/new?since=2020-01-01", headers={"If-None-Match": tag}).status_code == 200
    bad = client.get("/latest?day=tomorrow", headers=EN)
    assert (bad.status_code, "cannot be searched" in bad.text) == (400, True)


def test_a_snippet_shows_the_nearest_and_leads_to_the_site(client, recommender):
    page = get(client, "/embed/9?k=3")
    titles = [result.paper.title for result in recommender.similar_to("9", 3).results]
    found = [words for _, words, more in Links(page).found if more.get("target") == "_blank"]
    assert found[:3] == titles
    assert "<script" not in page
    snippet = re.search(r"<code>(&lt;iframe.*?)</code>", get(client, "/find?like=9"))[1]
    assert 'src="http://testserver/embed/9"' in html.unescape(snippet)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/find?like=nope", 404),
        ("/find?like=9&since=x", 400),
        ("/find?like=9&k=0", 400),
        ("/find?q=.", 400),
        ("/find?like=9&unlike=9", 400),
        ("/export?like=9&format=docx", 400),
        ("/export?format=csv", 400),
        ("/embed/nope", 404),
        ("/static/0/style.html", 404),
        ("/static/0/..%2Fframe.py", 404),
        ("/nowhere", 404),
    ],
)
def test_what_cannot_be_shown_is_a_page_that_says_why(client, address, status):
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert f'<p class="kicker">{status}</p>' in response.text


KINDS_OF_QUESTIONS = {
    "name": ("/find?like=9&sice=2020", "没有名为“sice”的检索项。", "Nothing can be asked by “sice” here."),
    "blank": ("/find?q=😀", "没有文字或数字", "no letter or digit"),
    "unreadable": ("/find?q=%00a", "无法识别的字符", "cannot be read"),
    "venue": ("/find?like=9&venue=nowhere", "没有刊名为“nowhere”的文献。", "of the journal “nowhere”"),
    "author": ("/find?like=9&author=nobody", "没有作者为“nobody”的文献。", "by “nobody”"),
    "subject": ("/find?like=9&subject=alchemy", "没有学科为“alchemy”的文献。", "the subject “alchemy”"),
    "language": ("/find?like=9&language=xx", "没有语种为“xx”的文献。", "the language “xx”"),
    "years": ("/find?like=9&since=2024&until=2020", "没有可选的年份", "No year lies"),
    "nothing": ("/export?format=csv", "请先给出检索词", "Give a few words"),
    "both_ways": ("/find?like=9&unlike=9", "文献“9”不能既", "cannot be like “9” and unlike it"),
    "format": ("/export?like=9&format=docx", "没有名为“docx”", "no format “docx”"),
    "since": ("/latest?since=yesterday", "没有“yesterday”这一版数据", "no state of the data “yesterday”"),
    "field": ("/find?like=9&since=x", "“起始年”的值无法使用。", "The value of “from” cannot"),
}
OTHERS = [
    ("/find?like=nope", "没有编号为“nope”的文献", "no paper with the id “nope”"),
    ("/latest?k=many", "“显示条数”的值无法使用。", "The value of “How many” cannot"),
    ("/topics/9999", "没有这个页面", "no such page"),
    ("/subjects/alchemy", "没有这个页面", "no such page"),
    ("/nowhere", "没有这个页面", "no such page"),
]


@pytest.mark.parametrize(("address", "chinese", "english"), [*KINDS_OF_QUESTIONS.values(), *OTHERS])
def test_a_page_says_what_is_wrong_in_its_language_and_without_a_command(client, address, chinese, english):
    for tongue, said in (("zh", chinese), ("en", english)):
        response = client.get(address, headers={"Accept": "text/html", "Accept-Language": tongue})
        assert response.status_code in (400, 404, 422)
        failure = re.search(r'<section class="failure">(.*?)</section>', response.text, re.DOTALL)[1]
        assert said in failure
        assert not re.search(r'lang="en"|--\w|recommend ', failure)


def test_a_name_that_no_paper_has_is_answered_with_those_that_are_close(client):
    assert (
        "可以改用：education"
        in client.get("/find?like=9&subject=Educatio", headers={"Accept": "text/html"}).text
    )


def test_an_empty_question_offers_the_form(client):
    assert '<form class="advanced filters"' in get(client, "/find?q=&like=")


def test_whatever_a_record_or_a_reader_writes_stays_text(tmp_path, warm, serving):
    from recommender.settings import Settings
    from recommender.workspace import Workspace

    nasty = '"><script>alert(1)</script>'
    records = [
        {"id": f"x{nasty}", "title": f"Bees {nasty}", "abstract": f"Bees {nasty} fly.", "authors": [nasty],
         "venue": nasty, "subject": f"s/{nasty}", "language": "en", "keywords": [nasty], "year": 2020,
         "url": "javascript:alert(1)"},
        {"id": "y", "title": "Bees", "abstract": f"Bees {nasty} fly.", "authors": [nasty], "url": "/x"},
    ]  # fmt: skip
    file = tmp_path / "x.jsonl"
    file.write_text("\n".join(map(json.dumps, records)), "utf-8")
    workspace = Workspace(Settings(home=warm(tmp_path / "home")))
    with workspace.writing():
        workspace.import_files([file])
        workspace.rebuild()
    client = serving(Site(title=nasty), of=workspace)
    pages = [
        get(client, "/find?like=y&explain=" + f"x{nasty}"),
        get(client, "/"),
        get(client, f"/find?q={nasty}&via=q={nasty}"),
    ]
    subject = next(href for href, _, _ in Links(pages[1]).found if href.startswith("/subjects/s"))
    pages += [
        get(client, subject),
        get(client, "/advanced?q=" + nasty),
        get(client, "/embed/y"),
        get(client, "/latest"),
    ]
    for page in pages:
        assert "<script>alert" not in page
        assert "javascript:" not in page
    assert "Bees &#34;&gt;&lt;script&gt;" in pages[0]
    assert ranked(get(client, links(pages[0], "相似文献")[-1]))


def test_a_site_below_a_path_links_there(workspace):
    from starlette.testclient import TestClient

    from recommender.presentation.web.app import create_app

    with TestClient(create_app(workspace), root_path="/similar") as client:
        page = client.get("/similar/find?like=9").text
    addresses = [href for href, _, _ in Links(page).found if not href.startswith(("#", "http"))]
    assert len(addresses) > 50
    assert [href for href in addresses if not href.startswith("/similar/")] == []
    assert 'href="/similar/static/' in page


@pytest.mark.parametrize("address", PAGES)
def test_no_page_needs_anything_from_elsewhere_or_an_inline_script_or_style(client, address):
    page = client.get(address, headers={"Accept": "text/html"}).text
    assert not re.findall(r"<script(?![^>]*\bsrc=)|\sstyle=|<style|\son\w+=", page)
    for source in re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', page):
        assert source.startswith("/")
        assert client.get(source).status_code == 200


def test_files_may_be_kept_for_ever_since_their_address_changes_with_them(client):
    address = re.search(r'href="(/static/\w+/style.css)"', client.get("/").text)[1]
    assert "immutable" in client.get(address).headers["cache-control"]


def test_both_languages_have_the_same_words_and_the_pages_use_all_of_them():
    zh, en = (json.loads((HERE / "locale" / f"{name}.json").read_text("utf-8")) for name in ("zh", "en"))
    assert {kind: zh[kind].keys() for kind in zh} == {kind: en[kind].keys() for kind in en}
    sources = "".join(
        path.read_text("utf-8") for kind in ("templates/*.html", "*.py") for path in HERE.glob(kind)
    )
    composed = {f"part_{name}" for name in ("meaning", "words", "usual", "neighbours", "unlike", "age")}
    composed |= {f"theme_{name}" for name in ("auto", "light", "dark")}
    composed |= {f"told_{kind}" for kind in KINDS_OF_QUESTIONS}
    composed |= {"kind_exact", "kind_edite", "kind_trans", "other_venue", "other_authors"}
    named = {*re.findall(r"\bsays\.(\w+)", sources)}
    assert {key for key in zh["texts"] if f'"{key}"' not in sources} - named == composed
    used = named | {*re.findall(r'\bt\("(\w+)"[,)]', sources), *re.findall(r'words\("(\w+)"\)', sources)}
    assert used - zh["texts"].keys() == set()
