"""Why two papers are similar: what their score is made of, and the words and sentences behind it."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from recommender.embedding import Embedder, Segmenter
from recommender.errors import ModelError
from recommender.paper import Paper
from recommender.ranking import Asked, Names, Search
from recommender.text.han import folded
from recommender.text.normalise import matching
from recommender.text.phrases import Segments, shared_phrases
from recommender.text.sentences import sentences
from recommender.vectors import DECIMALS, Rows, Values

PAIRS = 3
LONGEST = 200  # sentences of a text that are compared


@dataclass(frozen=True, slots=True)
class SharedTerm:
    """A word or phrase that both texts have, as they are compared, and its part of the score."""

    text: str
    part: float


@dataclass(frozen=True, slots=True)
class Found:
    """A paper of an answer: its row in the build, what it was ranked by, and whether by its age too."""

    row: int
    paper: Paper
    score: float
    is_aged: bool


@dataclass(frozen=True, slots=True)
class SentencePair:
    """Two sentences that say the same, as far as the model can tell.

    Attributes:
        asked: Of what was asked for.
        found: Of the paper that was found.
        cosine: Of their vectors.
    """

    asked: str
    found: str
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a paper was found: the first six add up to its score.

    What `terms` leave of `words` is the part of function words, of words that any abstract has, of pieces of
    words, and of names of authors in a few words.

    Attributes:
        meaning: The part of the vectors.
        words: The part of the words in common.
        usual: What is taken away since papers of these languages are usually so much alike; above 0
            where they are less alike than most.
        neighbours: The part of the neighbours in common with what was asked for, or for a translation what
            puts it before others of its language, see `ranking.shared_neighbours`.
        unlike: What papers that are not liked take away.
        age: What its age takes away.
        terms: The words in common that name something: first those that have a keyword of either paper in
            them or stand in both titles, then the others, of each kind the heaviest first.
        sentences: The pairs of sentences that are most alike, best first, each sentence once.
        authors: In common with a paper that was asked for, or named by a few words.
        keywords: In common with a paper that was asked for.
        venue: Likewise, or "".
    """

    meaning: float
    words: float
    usual: float
    neighbours: float
    unlike: float
    age: float
    terms: tuple[SharedTerm, ...]
    sentences: tuple[SentencePair, ...]
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    venue: str


def explain(
    search: Search,
    embedder: Embedder,
    asked: Sequence[Asked],
    named: Sequence[Paper],
    found: Sequence[Found],
) -> tuple[Explanation, ...]:
    """Explain every paper that was found.

    Args:
        search: Of the build.
        embedder: The model of the build.
        asked: Everything that was asked for.
        named: The papers that are liked.
        found: The papers of the answer.
    """
    rows = np.array([result.row for result in found], dtype=np.int64)
    liked = [one for one in asked if one.weight > 0]
    ours = [_Parts.of(search, one, rows) for one in liked]
    against = [_Parts.of(search, one, rows) for one in asked if one.weight < 0]
    read: Segments = embedder.segments if isinstance(embedder, Segmenter) else list
    segments = cache(read)  # what is asked for is compared with all that were found
    prose = [*(paper.prose for paper in named), *(one.text for one in liked if one.row is None)]
    told = [_Sentences.of(embedder, text) for text in prose]
    spelt = {spelling for one in liked for name in one.names for spelling in name.spellings}
    explanations = []
    for place, result in enumerate(found):
        words = _sum(part.words[place] for part in ours)
        usual = _sum(part.usual[place] for part in ours)
        neighbours = _sum(part.shared[place] for part in ours)
        unlike = _sum(part.scores[place] for part in against)
        young = _sum(part.scores[place] for part in [*ours, *against])
        age = round(result.score - young, DECIMALS) if result.is_aged else 0.0
        paper, theirs = result.paper, _Sentences.of(embedder, result.paper.prose)
        authors = [
            *(name for other in named for name in other.authors),
            *(name for name in paper.authors if folded(name) in spelt),
        ]
        explanations.append(
            Explanation(
                meaning=round(result.score - words - usual - neighbours - unlike - age, DECIMALS),
                words=words,
                usual=usual,
                neighbours=neighbours,
                unlike=unlike,
                age=age,
                terms=_terms(search, segments, liked, named, result, words),
                sentences=_best(pair for one in told for pair in one.matching(theirs, PAIRS)),
                authors=_shared(authors, paper.authors),
                keywords=_shared([name for other in named for name in other.keywords], paper.keywords),
                venue="".join(_shared([paper.venue], [other.venue for other in named])),
            )
        )
    return tuple(explanations)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What one of those asked for gives to the scores of some rows (n,), by its weight."""

    words: Values
    usual: Values
    shared: Values
    scores: Values

    @classmethod
    def of(cls, search: Search, asked: Asked, rows: Rows) -> "_Parts":
        compared = search.scored(asked, search.words_in_common(asked), rows)
        scale = asked.weight / compared.stretch
        return cls(
            words=scale * compared.weight * compared.words,
            usual=-scale * compared.usual,
            shared=asked.weight * compared.shared,
            scores=asked.weight * compared.scores,
        )


def _sum(parts: Iterable[float]) -> float:
    return round(math.fsum(parts), DECIMALS)


def matching_sentences(embedder: Embedder, one: str, other: str, n: int = PAIRS) -> tuple[SentencePair, ...]:
    """Return the `n` pairs of sentences of two texts that are most alike, each sentence but once."""
    return _Sentences.of(embedder, one).matching(_Sentences.of(embedder, other), n)


@dataclass(frozen=True, slots=True)
class _Sentences:
    """The first sentences of a text that the model has a vector for, and these vectors (n, dim)."""

    texts: list[str]
    vectors: np.ndarray

    @classmethod
    def of(cls, embedder: Embedder, text: str) -> "_Sentences":
        return cls(*_embedded(embedder, sentences(text)[:LONGEST]))

    def matching(self, other: "_Sentences", n: int) -> tuple[SentencePair, ...]:
        """Return the `n` pairs that are most alike, each sentence but once."""
        if not self.texts or not other.texts:
            return ()
        cosines = np.round(self.vectors @ other.vectors.T, DECIMALS)
        pairs = []
        for _ in range(min(n, *cosines.shape)):
            row, column = np.unravel_index(int(np.argmax(cosines)), cosines.shape)
            pairs.append(SentencePair(self.texts[row], other.texts[column], float(cosines[row, column])))
            cosines[row, :] = cosines[:, column] = -np.inf
        return tuple(pairs)


def _terms(
    search: Search,
    segments: Segments,
    liked: Sequence[Asked],
    named: Sequence[Paper],
    result: Found,
    words: float,
) -> tuple[SharedTerm, ...]:
    """Return the phrases in common; with all else that is, their parts add up to that of all words."""
    parts: defaultdict[str, float] = defaultdict(float)
    total, found = 0.0, result.paper
    theirs = search.lexical.question(found.text)
    for one in liked:
        question = search.question(one)
        total += float(Names.of(one.names, question).shares_of(np.array([result.row]))[0])
        if not (products := search.lexical.shared(question, theirs)):
            continue
        total += math.fsum(products.values())
        shared = shared_phrases(one.text, found.text, segments, {one.language, found.language})
        for phrase in sorted(shared, key=len, reverse=True):  # a token counts with the longest that has it
            parts[phrase] += math.fsum(products.pop(token, 0.0) for token in shared[phrase])
    telling = _telling(named, found)
    ordered = sorted(parts.items(), key=lambda entry: (not telling(entry[0]), -entry[1], entry[0]))
    return tuple(SharedTerm(text, part * words / total) for text, part in ordered if part)


def _telling(named: Sequence[Paper], found: Paper) -> Callable[[str], bool]:
    """Return what tells whether a phrase stands for a paper: it holds a keyword, or is in both titles."""
    keywords = {folded(keyword) for paper in [*named, found] for keyword in paper.keywords} - {""}
    title, titles = folded(found.title), [folded(paper.title) for paper in named]

    def tells(phrase: str) -> bool:
        in_both = phrase in title and any(phrase in other for other in titles)
        return in_both or any(keyword in phrase for keyword in keywords)

    return tells


def _best(pairs: Iterable[SentencePair]) -> tuple[SentencePair, ...]:
    return tuple(sorted(pairs, key=lambda pair: -pair.cosine)[:PAIRS])


def _embedded(embedder: Embedder, texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Return the texts that the model has a vector for, and these vectors."""
    try:
        return list(texts), embedder.encode(texts)
    except ModelError:
        known = [text for text in texts if _has_vector(embedder, text)]
        return known, embedder.encode(known)


def _has_vector(embedder: Embedder, text: str) -> bool:
    try:
        embedder.encode([text])
    except ModelError:
        return False
    return True


def _shared(ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    known = {matching(name) for name in theirs} - {""}
    return tuple(dict.fromkeys(name for name in ours if matching(name) in known))
