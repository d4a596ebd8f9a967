import numpy as np
import pytest

from recommender.mapping.clusters import clusters_of, joined
from recommender.mapping.terms import label_clusters, title_phrases
from recommender.paper import Paper


def test_each_hill_is_a_cluster_and_the_largest_is_the_first():
    rng = np.random.default_rng(0)
    middles, sizes = np.array([[-0.8, -0.8], [0.8, 0.8], [0.8, -0.8]]), (20, 60, 30)
    points = np.concatenate([rng.normal(at, 0.02, (n, 2)) for at, n in zip(middles, sizes, strict=True)])
    found = clusters_of(points.clip(-1, 1))
    assert found.tolist() == [2] * 20 + [0] * 60 + [1] * 30


def test_points_apart_from_all_belong_to_the_nearest_cluster():
    points = np.array([[0.0, 0], [0, 0.1], [0.1, 0], [0.1, 0.1], [1, 1]])
    assert joined(points, np.array([0, 0, 0, 0, 1])).tolist() == [0] * 5
    assert joined(points[:2], np.array([0, 1])).tolist() == [0, 1]


@pytest.mark.parametrize("n", [0, 1, 5])
def test_a_few_points_are_clusters_too(n):
    assert len(clusters_of(np.zeros((n, 2)))) == n


def test_a_cluster_is_named_in_the_language_of_most_of_its_papers_by_what_others_do_not_have():
    education = ["产教融合的治理", "产教融合与职业教育", "职业教育的研究"]
    physics = ["Stability of perovskite films", "Perovskite films and moisture", "钙钛矿的研究"]
    papers = [Paper(id=title, title=title, language="zh") for title in education]
    papers += [Paper(id=t, title=t, language="en" if t.isascii() else "zh") for t in physics]
    (first, terms), (second, english) = label_clusters(papers, [0, 0, 0, 1, 1, 1])
    assert (first, second) == ("zh", "en")
    assert {*terms[:2]} == {"产教融合", "职业教育"}
    assert english[0] == "perovskite films"


def test_keywords_name_a_cluster_as_they_are_written():
    papers = [
        Paper(id=str(i), title=f"第{i}", keywords=("CRISPR/Cas9", f"词{i}"), language="zh") for i in range(3)
    ]
    assert label_clusters(papers, [0, 0, 0]) == [("zh", ("CRISPR/Cas9",))]
    assert label_clusters([], []) == []


def test_phrases_neither_begin_nor_end_with_a_function_word():
    assert {*title_phrases("水稻的产量", "zh")} == {
        "水稻",
        "产量",
        "水稻的产",
        "稻的产",
        "稻的产量",
        "水稻的产量",
    }
    assert {*title_phrases("Growth of rice in 2021", "en")} == {"growth", "rice"}
