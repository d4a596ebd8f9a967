"""What a cluster is about: the terms that its papers have and others have not, in their own language."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from recommender.paper import Paper
from recommender.text.function_words import FUNCTION_WORDS
from recommender.text.normalise import matching
from recommender.text.tokens import runs

TERMS = 3
LONGEST = 6  # characters of a phrase of Han characters or kana taken from a title
WORDS = 3  # of any other
KEYWORD, PHRASE = 3, 2  # what a keyword counts, and a phrase of a title
TWICE = 2 * PHRASE  # what is rarer names no cluster in which anything is as frequent
HAN_FUNCTION = set("的了和与及其对在是为以从中之于等或而并将把被所有基于上下")


def label_clusters(papers: Sequence[Paper], clusters: Sequence[int]) -> list[tuple[str, tuple[str, ...]]]:
    """Return of each cluster the language that most of its papers have, and its terms, the best first.

    Args:
        papers: All papers.
        clusters: The number of the cluster of each, from 0 without gaps.
    """
    n_clusters = max(clusters, default=-1) + 1
    of_language: list[Counter[str]] = [Counter() for _ in range(n_clusters)]
    for paper, cluster in zip(papers, clusters, strict=True):
        of_language[cluster][paper.language] += 1
    languages = [min(counted, key=lambda name: (-counted[name], name)) for counted in of_language]
    inside: list[Counter[str]] = [Counter() for _ in range(n_clusters)]
    everywhere: dict[str, Counter[str]] = {}
    shown: dict[str, str] = {}
    for paper, cluster in zip(papers, clusters, strict=True):
        found = candidates(paper, shown)
        everywhere.setdefault(paper.language, Counter()).update(found)
        if paper.language == languages[cluster]:
            inside[cluster].update(found)
    return [
        (language, tuple(shown[term] for term in best(counted, everywhere[language])))
        for language, counted in zip(languages, inside, strict=True)
    ]


def best(inside: Counter[str], everywhere: Counter[str], n: int = TERMS) -> list[str]:
    """Return the terms that are frequent inside and rare elsewhere, none a part of another.

    >>> best(Counter({"校企": 6, "校企合作": 6, "研究": 8}), Counter({"校企": 6, "校企合作": 6, "研究": 80}))
    ['校企合作', '研究']
    """
    scores = {
        term: count * (count / everywhere[term]) * math.log1p(len(term)) for term, count in inside.items()
    }
    least = TWICE if any(count >= TWICE for count in inside.values()) else 1
    found: list[str] = []
    for term in sorted(scores, key=lambda term: (-scores[term], term)):
        if inside[term] >= least and not any(term in other or other in term for other in found):
            found.append(term)
            if len(found) == n:
                break
    return found


def candidates(paper: Paper, shown: dict[str, str]) -> Counter[str]:
    """Return the terms of a paper and what they count, and note in `shown` how each is written."""
    counted: Counter[str] = Counter()
    for keyword in paper.keywords:
        if term := matching(keyword):
            counted[term] = KEYWORD
            shown.setdefault(term, keyword)
    for phrase in {*title_phrases(paper.title, paper.language)} - counted.keys():
        counted[phrase] = PHRASE
        shown.setdefault(phrase, phrase)
    return counted


def title_phrases(title: str, language: str) -> Iterator[str]:
    """Yield every short phrase of a title that neither begins nor ends with a function word.

    >>> sorted(title_phrases("Governance of the bees", "en"))
    ['bees', 'governance']
    """
    common = FUNCTION_WORDS.get(language, frozenset())
    spaced: list[str] = []
    for run, is_spaced in runs(title):
        if is_spaced:
            spaced.append(run)
            continue
        yield from (
            part for part in spans(run, range(2, LONGEST + 1)) if not {part[0], part[-1]} & HAN_FUNCTION
        )
    for size in range(1, WORDS + 1):
        for start in range(len(spaced) - size + 1):
            words = spaced[start : start + size]
            if not common & {*words} and all(len(word) > 2 and not word.isdigit() for word in words):
                yield " ".join(words)


def spans(run: str, sizes: Iterable[int]) -> Iterator[str]:
    """Yield every part of a run that has one of the sizes."""
    for size in sizes:
        yield from (run[start : start + size] for start in range(len(run) - size + 1))
