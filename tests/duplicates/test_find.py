"""Papers that are one work, among the sample's, some of them edited here."""

import json
import random
import re
from dataclasses import replace

import numpy as np
import pytest

from recommender.duplicates import Kind, find, find_duplicates
from recommender.duplicates.groups import grouped
from recommender.errors import BuildError
from recommender.evaluation import judgements
from recommender.paper import Paper
from recommender.presentation.cli.duplicates import evidence
from recommender.sample import sample_pairs, sample_papers
from recommender.settings import Settings
from recommender.text.sentences import sentences
from recommender.workspace import Workspace

SAME_WORK = 3
SAMPLE = {paper.id: paper for paper in sample_papers()}


def halved(paper):
    parts = sentences(paper.abstract)
    return replace(paper, abstract="".join(parts[::2]), title="另一个题目")


def shuffled(paper):
    parts = sentences(paper.abstract)
    return replace(paper, abstract=" ".join(random.Random(0).sample(parts, len(parts))))


def renumbered(paper):
    return replace(paper, abstract=paper.abstract.translate(str.maketrans("0123456789", "5678901234")))


def moved(paper):
    return replace(paper, venue="另一个期刊", authors=("某某",))


EDITS = {"halved": halved, "shuffled": shuffled, "renumbered": renumbered, "moved": moved}
ORIGINALS = [SAMPLE[str(number)] for number in range(1, 31)]
EDITED = [
    replace(edit(paper), id=f"{name}-{paper.id}")
    for paper, (name, edit) in zip(ORIGINALS, [*EDITS.items()] * 8, strict=False)
]
SHORT = [Paper(id=f"short-{n}", title="编者按", venue=f"V{n}") for n in range(2)]
SHORT += [Paper(id="short-like", title="编者的话"), Paper(id="short-other", title="编者后记")]
INDEXED = replace(SAMPLE["40"], id="indexed-40", keywords=("另一个关键词",), venue="")  # by another database


@pytest.fixture(scope="module")
def sample_build(sample_home):
    return Workspace(Settings(home=sample_home)).recommender().build


@pytest.fixture(scope="module")
def built(warm, tmp_path_factory):
    """Return a build of papers."""
    return lambda papers: built_in(tmp_path_factory.mktemp("built"), warm, papers)


def built_in(folder, warm, papers):
    file = folder / "papers.jsonl"
    file.write_text("\n".join(json.dumps(paper.as_dict()) for paper in papers), encoding="utf-8")
    workspace = Workspace(Settings(home=warm(folder / "home")))
    with workspace.writing():
        workspace.import_files([file])
        workspace.rebuild()
    return workspace.recommender().build


@pytest.fixture(scope="module")
def groups(built):
    papers = [*SAMPLE.values(), *EDITED, *SHORT]
    return find_duplicates(built(papers))


@pytest.fixture(scope="module")
def pairs(groups):
    return {frozenset((pair.one.id, pair.other.id)): pair for group in groups for pair in group.pairs}


def same_work():
    qrels = judgements.read(sample_pairs())
    return {
        frozenset((one, other))
        for one, grades in qrels.items()
        for other, grade in grades.items()
        if grade == SAME_WORK
    }


def test_every_edited_version_is_found(pairs):
    for paper in EDITED:
        original = paper.id.partition("-")[2]
        kind = Kind.exact if paper.id.startswith("moved") else Kind.near
        assert pairs[frozenset((paper.id, original))].kind is kind


def test_every_known_version_and_translation_is_found(pairs):
    for pair in same_work():
        one, other = (SAMPLE[paper_id] for paper_id in pair)
        expected = Kind.near if one.language == other.language else Kind.translated
        assert pair in pairs
        assert pairs[pair].kind is expected


def test_nothing_else_is_called_one_work(pairs):
    works = same_work()
    for pair in pairs:
        originals = frozenset(re.sub("^[a-z]+-", "", paper_id) for paper_id in pair)
        assert len(originals) == 1 or originals in works or all(i.startswith("short-") for i in pair)


def test_short_texts_are_one_work_only_as_exact_copies(pairs):
    short = {tuple(sorted(pair)) for pair in pairs if any(i.startswith("short-") for i in pair)}
    assert short == {("short-0", "short-1")}


def test_copies_to_which_other_keywords_were_given_are_exact_ones_however_short(built):
    short = [replace(paper, id=f"{paper.id}-indexed", keywords=("教育",)) for paper in SHORT[:1]]
    papers = [SAMPLE["40"], SAMPLE["41"], INDEXED, *SHORT[:1], *short]
    found = [pair for group in find_duplicates(built(papers)) for pair in group.pairs]
    assert {(pair.kind, pair.containment, pair.score) for pair in found} == {(Kind.exact, 1.0, 1.0)}
    ties = {frozenset((pair.one.id, pair.other.id)) for pair in found}
    assert ties == {frozenset(("40", "indexed-40")), frozenset(("short-0", "short-0-indexed"))}


def test_the_same_text_elsewhere_or_under_other_names_is_said(pairs):
    for paper in EDITED:
        pair = pairs[frozenset((paper.id, paper.id.partition("-")[2]))]
        assert pair.differs == (("venue", "authors") if paper.id.startswith("moved") else ())
    assert pairs[frozenset(("short-0", "short-1"))].differs == ("venue",)


def test_all_copies_are_tied_to_the_first_without_reading_a_text_again(built, monkeypatch):
    papers = [replace(SAMPLE[str(n)], id=f"{name}{n}") for name in "cab" for n in (1, 2)]
    build = built(papers)
    monkeypatch.setattr(Paper, "digest", property(lambda paper: pytest.fail("the build knows its copies")))
    found = find_duplicates(build)
    ties = {
        (pair.one.id, pair.other.id) for group in found for pair in group.pairs if pair.kind is Kind.exact
    }
    assert ties == {("a1", "b1"), ("a1", "c1"), ("a2", "b2"), ("a2", "c2")}


DIALECT = (
    "本文用声学实验的方法考察{0}方言的单字调。发音人为两名土生土长的{0}老年男性，"
    "录音在安静的室内进行，基频数据提取后换算为五度值。结果显示，{1}。{0}方言的{2}，"
    "这与{0}周边方言的情况大体一致，说明声学分析能够印证传统的听辨记音。"
)
FINDINGS = {
    "蒙阴": ("阴平是中升调，阳平是高降调，上声是高平调，去声是低降调", "轻声时长较短，后接轻声时前字延长"),
    "光山": ("入声已经消失，古全浊声母上声字今读归阴去，共有五个单字调", "连读变调少，前字一般不变"),
}
SAME_WORDING = [
    Paper(
        id="mengyin",
        title="山东蒙阴方言声调声学研究",
        abstract=DIALECT.format("蒙阴", *FINDINGS["蒙阴"]),
        venue="甲刊",
    ),
    Paper(
        id="guangshan",
        title="河南光山方言声调声学研究",
        abstract=DIALECT.format("光山", *FINDINGS["光山"]),
        venue="乙刊",
    ),
]

MARKET = (
    "检索数据库中{0}的研发数据，用定量分析和对比分析的方法考察{0}的现状与趋势。目前已有{0}产品上市，"
    "更多的{0}处于临床试验阶段，未来{0}市场将呈现快速增长。{0}的商业交易也越来越多，"
    "其中开发及商业化许可是最主要的交易模式。虽然{0}尚处于起步阶段，但随着技术的改进，"
    "会有更多的{0}上市，为疾病的治疗提供新的契机。"
)
SAME_WORDING += [
    Paper(id=subject, title=f"全球{subject}开发现状与趋势", abstract=MARKET.format(subject))
    for subject in ("单抗", "疫苗")
]


def test_two_subjects_in_the_same_wording_are_two_works(built):
    edited = [
        replace(SAME_WORDING[0], id="again", title="蒙阴方言的声调", venue="丙刊"),
        replace(SAME_WORDING[1], id="short", abstract=SAME_WORDING[1].abstract[:90], title=""),
    ]
    found = find_duplicates(built([*SAME_WORDING, *edited, *ORIGINALS]))
    named = {frozenset((pair.one.id, pair.other.id)): pair for group in found for pair in group.pairs}
    assert not named.keys() & {frozenset(("mengyin", "guangshan")), frozenset(("单抗", "疫苗"))}
    assert named[frozenset(("mengyin", "again"))].differs == ("venue",)
    assert frozenset(("guangshan", "short")) in named


def test_a_doubtful_pair_does_not_chain_two_works_and_a_version_of_one_member_alone_stands_apart():
    ties = [(1, 2), (2, 3), (1, 3), (5, 6), (3, 5), (7, 7), (3, 7)]
    works = {1: "a", 2: "a", 3: "a", 5: "b", 6: "b", 7: "a"}
    groups, between = grouped(ties, lambda ours, theirs: works[ours[0]] == works[theirs[0]])
    assert groups == [[(1, 2), (2, 3), (1, 3), (7, 7), (3, 7)], [(5, 6)]]
    assert between == [(3, 5)]


def test_groups_with_two_texts_of_one_language_are_one_work_only_if_these_are_versions(sample_build):
    build = sample_build
    finder = find._Finder(build)
    work, version, stranger, english = (build.papers.row_of(paper_id) for paper_id in ("9", "299", "2", "1"))
    assert SAMPLE["1"].language != SAMPLE["9"].language
    assert finder._are_one_work([work], [version])
    assert finder._are_one_work([work, version], [english])
    assert not finder._are_one_work([work, version], [stranger])
    assert not finder._are_one_work([work, english], [stranger])


PRINTED = {"volume": "11", "issue": "2", "pages": "87-99"}
CHINESE = Paper(id="zh", venue="教育经济观察", authors=("栾书颖", "苗一凡"), language="zh", **PRINTED)
ENGLISH = Paper(id="en", venue="Economics of Education", authors=("Luan Shuying",), language="en", **PRINTED)
GERMAN = Paper(id="de", venue="Bildungsökonomik", authors=("Luan Shuying",), language="de", **PRINTED)


@pytest.mark.parametrize(
    ("one", "other", "kind", "expected"),
    [
        # printed in the same place: the same publication, in whatever script it is named
        (CHINESE, ENGLISH, Kind.translated, ()),
        (GERMAN, ENGLISH, Kind.translated, ()),
        (CHINESE, replace(ENGLISH, pages="pp. 87–99"), Kind.translated, ()),
        # in two scripts names are not compared; in another place it is another venue
        (CHINESE, replace(ENGLISH, volume="", issue="", pages=""), Kind.translated, ()),
        (CHINESE, replace(ENGLISH, pages="87"), Kind.translated, ()),
        (CHINESE, replace(ENGLISH, volume="3", pages="1-9"), Kind.translated, ("venue",)),
        (replace(CHINESE, venue="IT教育"), replace(CHINESE, venue="教育"), Kind.near, ("venue",)),
        # in one script they are, and an edited text in the same place is looked at too
        (GERMAN, replace(ENGLISH, issue=""), Kind.translated, ("venue",)),
        (GERMAN, replace(GERMAN, authors=("Miao Yifan",), issue=""), Kind.translated, ("authors",)),
        (CHINESE, replace(CHINESE, authors=("费若兰",)), Kind.near, ("authors",)),
        (CHINESE, replace(CHINESE, venue=""), Kind.exact, ()),
        (ENGLISH, replace(ENGLISH, venue="教育经济观察"), Kind.exact, ("venue",)),
    ],
)
def test_names_are_compared_within_a_script_and_translations_by_where_they_are_printed(
    one, other, kind, expected
):
    assert find._differences(one, other, kind) == expected
    assert find._differences(other, one, kind) == expected


def test_of_the_sample_what_is_resubmitted_are_the_edited_versions(sample_build):
    found = find_duplicates(sample_build)
    again = [pair.kind for group in found for pair in group.pairs if pair.is_resubmitted]
    assert (len(found), again) == (90, [Kind.near] * 30)


def test_a_group_holds_all_versions_and_their_evidence(groups):
    for group in groups:
        ids = {paper.id for paper in group.papers}
        assert ids == {one for pair in group.pairs for one in (pair.one.id, pair.other.id)}
    of_nine = next(group for group in groups if "9" in {paper.id for paper in group.papers})
    assert {paper.id for paper in of_nine.papers} >= {"9", "299", "halved-9"}


def test_progress_is_told_to_the_end(sample_build):
    told = []
    find_duplicates(sample_build, lambda *progress: told.append(progress))
    assert told[-1] == (360, 360)


def test_numbers_that_contradict_each_other_are_no_translation(sample_build, monkeypatch):
    languages = {paper.prose: paper.language for paper in SAMPLE.values()}

    def translations(numbers_of):
        monkeypatch.setattr(find, "numbers", numbers_of)
        pairs = [pair for group in find_duplicates(sample_build) for pair in group.pairs]
        return [pair for pair in pairs if pair.kind is Kind.translated]

    without = translations(lambda text: frozenset())
    assert len(without) > 40
    assert {pair.containment for pair in without} == {0}
    assert {evidence(pair) for pair in without} >= {"translation, one of them without numbers to compare"}
    assert translations(lambda text: frozenset({languages.get(text, "")})) == []


def test_translations_are_told_by_what_they_say_though_something_else_is_nearly_as_near(built, monkeypatch):
    def translations(build):
        return {
            frozenset((pair.one.id, pair.other.id))
            for group in find_duplicates(build)
            for pair in group.pairs
            if pair.kind is Kind.translated
        }

    monkeypatch.setattr(find, "numbers", lambda text: frozenset())  # which would tell it too
    expected = translations(built(SAMPLE.values()))
    rivalled = lambda pairs, *_: np.ones(len(pairs[0]), dtype=bool)  # noqa: E731 - as if there always were
    monkeypatch.setattr("recommender.ranking.shared_neighbours.are_rivalled", rivalled)
    assert translations(built(SAMPLE.values())) == expected
    assert len(expected) > 40


def test_what_is_usual_is_damaged_and_nothing_is_told_by_it(built):
    build = built(ORIGINALS)
    path = build.folder / "calibration.json"
    told = json.loads(path.read_bytes())
    spread = str(told["words_spread"])
    path.write_bytes(path.read_bytes().replace(spread.encode(), spread.replace("0.", "1.").encode()))
    with pytest.raises(BuildError, match=r"calibration\.json is damaged"):
        find_duplicates(build)
