from dataclasses import replace

import pytest

from recommender.errors import UsageError
from recommender.paper import Paper
from recommender.training.library_pairs import clean_streams, library_streams, split, works
from recommender.training.pairs import Pairs
from recommender.training.recipe import LibraryParts, Stream

ABSTRACT = "Films age. Grains grow. Moist air is bad. We say why."
CHINESE = "薄膜老化。晶粒长大。潮湿空气有害。我们解释原因。"


@pytest.fixture
def library_recipe(recipe):
    return replace(recipe, streams=(Stream(family="", batch=4, passes=1),), library=LibraryParts(halvings=2))


def many(n=300, **fields):
    return [Paper(id=f"p{k:03}", title=f"Title {k}", abstract=f"Abstract {k}", **fields) for k in range(n)]


def ids(found):
    return [[paper.id for paper in work] for work in found]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Paper(id="a", title="same"), Paper(id="b", title="same")),
        (
            Paper(id="a", title="x", doi="10.1/ABC"),
            Paper(id="b", title="y", doi="https://doi.org/10.1/abc"),
        ),
        (Paper(id="a:en", title="x", language="en"), Paper(id="a:zh", title="标题", language="zh")),
        (Paper(id="a", title="标题", language="zh"), Paper(id="a-en", title="x", language="en")),
        (Paper(id="a.ENG", title="x", language="eng"), Paper(id="a", title="标题")),
    ],
    ids=["text", "doi", "both suffixed", "one suffixed", "names and detected languages"],
)
def test_copies_and_versions_are_one_work(one, other):
    assert len([*works([one, other])]) == 1
    assert ids(works([other, one])) == ids(works([one, other]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Paper(id="a", title="x", doi="10.1/a"), Paper(id="b", title="y", doi="10.1/b")),
        (Paper(id="a-in", title="x", language="en"), Paper(id="a-no", title="y", language="en")),
        (Paper(id="a1", title="x"), Paper(id="a2", title="y")),
    ],
    ids=["doi", "suffixes of other languages", "id"],
)
def test_other_papers_are_other_works(one, other):
    assert len([*works([one, other])]) == 2


def test_links_add_up_and_each_text_is_there_once_under_its_first_id():
    papers = [
        Paper(id="c", title="x", doi="10.1/a"),
        Paper(id="d", title="y"),
        Paper(id="a", title="z", doi="10.1/a"),
        Paper(id="b", title="x"),
        Paper(id="blank"),
    ]
    assert ids(works(papers)) == [["a", "b"], ["d"]]


def test_about_the_share_is_held_out_whole_works_only_and_always_the_same():
    papers = many() + [Paper(id=f"q{k:03}", title=f"标题{k}", doi=f"10.1/{k}") for k in range(300)]
    papers = [replace(paper, doi=f"10.1/{number % 300}") for number, paper in enumerate(papers)]
    parts = split(papers, 0.2)
    assert (parts.n_learnt + parts.n_held_out, {len(work) for work in parts.held_out}) == (600, {2})
    assert 0.12 < parts.n_held_out / 600 < 0.28
    assert split([*reversed(papers)], 0.2) == parts
    assert {paper.digest for work in parts.learnt for paper in work}.isdisjoint(
        paper.digest for work in parts.held_out for paper in work
    )


def test_a_large_library_holds_out_no_more_than_is_needed():
    parts = split(many(12_000), 0.5)
    assert 1_800 < parts.n_held_out < 2_200


def test_too_few_papers_are_refused_copies_and_blank_ones_not_counted():
    papers = [*many(199), Paper(id="copy", title="Title 0", abstract="Abstract 0"), Paper(id="blank")]
    with pytest.raises(UsageError, match="the library has 199 papers with texts of their own; 200 are"):
        split(papers, 0.2)
    assert split(many(200), 0.2).n_held_out > 0


def test_a_paper_gives_its_title_keywords_and_halves_in_streams_of_its_language(library_recipe):
    work = (Paper(id="a", title="薄膜", abstract=CHINESE, keywords=("晶粒", "老化"), language="zh"),)
    streams = library_streams([work], library_recipe)
    assert streams.keys() == {"zh/title-abstract", "zh/abstract-keywords", "zh/halves/1", "zh/halves/2"}
    assert [*streams["zh/title-abstract"]] == [("薄膜", CHINESE)]
    assert [*streams["zh/abstract-keywords"]] == [(CHINESE, "晶粒；老化")]
    assert "".join(sorted("".join(*streams["zh/halves/1"]))).strip() == "".join(sorted(CHINESE))


def test_abstracts_alone_give_halves_and_titles_alone_give_nothing(library_recipe):
    works_ = [(Paper(id="a", abstract=ABSTRACT, language="en"),), (Paper(id="b", title="Only a title"),)]
    assert library_streams(works_, library_recipe).keys() == {"en/halves/1", "en/halves/2"}


def test_versions_in_two_languages_are_pairs_chinese_first(library_recipe):
    work = (
        Paper(id="a", title="Films", abstract="They age.", language="en"),
        Paper(id="a:zh", title="薄膜", abstract="老化", language="zh"),
    )
    streams = library_streams([work], library_recipe)
    assert [*streams["zh-en/title"]] == [("薄膜", "Films")]
    assert [*streams["zh-en/abstract"]] == [("老化", "They age.")]


def test_a_pair_with_a_text_that_is_held_out_is_a_leak(library_recipe):
    pairs = Pairs([f"Title {k}" for k in range(40)], [f"Abstract number {k}" for k in range(40)])
    held_out = [(Paper(id="x", title="Another title", abstract="abstract NUMBER 7"),)]
    streams, tallies = clean_streams({"en/title-abstract": pairs}, held_out, library_recipe)
    assert len(streams["en/title-abstract"]) == 39
    assert tallies[0].refused == {"in an evaluation set": 1}


def test_a_language_with_a_handful_of_papers_is_not_learnt(library_recipe):
    enough = Pairs([f"Title {k}" for k in range(32)], [f"Abstract {k}" for k in range(32)])
    few = Pairs(enough.left[:31], enough.right[:31])
    streams, tallies = clean_streams({"en/x": enough, "fr/x": few}, [], library_recipe)
    assert streams.keys() == {"en/x"}
    assert tallies[1].refused == {"too few to learn from": 31}
    with pytest.raises(UsageError, match="gives no 32 pairs in one language"):
        clean_streams({"fr/x": few}, [], library_recipe)


def test_papers_whose_language_is_tagged_wrong_are_said(library_recipe):
    pairs = Pairs([f"标题{k}" for k in range(40)], [CHINESE * 9 + str(k) for k in range(40)])
    with pytest.raises(UsageError, match=r"en/title-abstract 100% \(wrong language 40\)"):
        clean_streams({"en/title-abstract": pairs}, [], library_recipe)
