import numpy as np
import pytest

from recommender.training.development.lexical import Bm25
from recommender.training.development.systems import EmbeddingSystem
from recommender.training.development.tasks import (
    Clusters,
    EveryLanguage,
    LanguageBias,
    OwnText,
    Related,
    SameLabel,
    SharedSets,
)

TEXTS = ["aaab", "aaac", "zzzb", "zzzc"]  # two and two alike


@pytest.fixture
def system(letters):
    return EmbeddingSystem(letters)


def means(task, system):
    return {figure.name: (figure.n, figure.model.mean) for figure in task.figures(system)}


def test_a_query_finds_its_own_text_or_not(system):
    task = OwnText(name="R@1", queries=["aab", "zc", "b"], answers=["aaab", "zzzc", "aaac"], corpus=TEXTS)
    assert means(task, system) == {"R@1": (3, pytest.approx(2 / 3))}


def test_every_language_has_a_line_before_the_mean_and_the_worst(system):
    def task(name, queries, answers):
        return OwnText(name=name, queries=queries, answers=answers, corpus=TEXTS)

    good, bad = task("x de", ["aab"], ["aaab"]), task("x hi", ["aab", "zc"], ["zzzb", "zzzc"])
    both = EveryLanguage(name="x", languages={"de": good, "hi": bad})
    assert means(both, system) == {
        "x de": (1, 1),
        "x hi": (2, 0.5),
        "x, mean of 2 languages → en R@1": (3, 0.75),
        "x, worst language → en R@1": (2, 0.5),
    }


def test_a_paper_is_no_neighbour_of_itself(system):
    assert means(SameLabel(name="P", texts=TEXTS, labels=["a", "a", "z", "z"], k=1), system) == {"P": (4, 1)}
    assert means(SameLabel(name="P", texts=TEXTS, labels=["1", "2", "3", "4"], k=1), system) == {"P": (4, 0)}


def test_only_the_papers_asked_for_are_queries(system):
    task = SameLabel(name="P", texts=TEXTS, labels=["a", "a", "z", "y"], k=1, asked=[1, 3])
    assert means(task, system) == {"P": (2, 0.5)}


def test_recall_of_related_papers(system):
    assert means(Related(name="R", texts=TEXTS, related={0: {1, 2}, 3: {2}}, k=1), system) == {"R": (2, 0.75)}


def test_overlap_of_categories(system):
    sets = [{"x", "y"}, {"x"}, {"y"}, {"y"}]
    assert means(SharedSets(name="O", texts=TEXTS, sets=sets, k=1), system) == {
        "O": (4, (0.5 + 0.5 + 1 + 1) / 4)
    }


def test_clusters_that_are_the_labels_are_perfect_and_others_are_not(system):
    assert means(Clusters(name="V", texts=TEXTS, labels=["a", "a", "z", "z"]), system) == {"V": (20, 1)}
    crossed = means(Clusters(name="V", texts=TEXTS, labels=["a", "z", "a", "z"]), system)["V"][1]
    assert crossed == pytest.approx(0, abs=1e-6)


def test_a_system_without_features_has_no_clusters():
    assert [*Clusters(name="V", texts=TEXTS, labels=["a", "a", "z", "z"]).figures(Bm25())] == []


class TestLanguageBias:
    def test_it_is_one_where_the_other_language_is_never_seen(self, system):
        task = LanguageBias(name="B", left=["aab", "aac", "aad"], right=["zzb", "zzc", "zzd"], n_asked=3, k=2)
        assert means(task, system) == {"B, zh queries": (3, 1), "B, en queries": (3, 1)}

    def test_it_is_a_half_where_translations_have_one_vector(self, system):
        texts = ["aab", "aac", "aad"]
        task = LanguageBias(name="B", left=texts, right=texts, n_asked=2, k=4)
        assert means(task, system) == {"B, zh queries": (2, 0.5), "B, en queries": (2, 0.5)}

    def test_neither_the_paper_nor_its_translation_counts(self):
        class Spy:
            translates = True

            def nearest(self, queries, corpus, k, without):
                assert [corpus[row] for row in without[:, 0]] == [*queries]
                assert sorted(map(tuple, np.sort(without, axis=1).tolist())) == [(0, 2), (1, 3)]
                return np.zeros((2, 1), dtype=np.int64)

        task = LanguageBias(name="B", left=["p", "q"], right=["P", "Q"], n_asked=2, k=1)
        assert means(task, Spy()) == {"B, zh queries": (2, 1), "B, en queries": (2, 0)}
