"""Papers that nobody wrote, as many as wanted: `python scripts/written_papers.py 100000 > papers.jsonl`.

Chinese and English in turn, one JSON object a line; the same seed gives the same papers, and the first n of
more papers are the n papers. The benchmarks are fed with them.

The texts are sentences of the sample whose frequent words stay; the others give way to the paper's own few
terms, drawn by a Zipf-Mandelbrot law without an end, so that a larger corpus has more distinct terms. A part
of these terms is those of the paper's topic, so that it has neighbours: a topic has some thirty papers,
however many there are.

With a folder of real papers these come first, as they are, and mixtures of them afterwards: the sentences of
two papers of one field, in which now and then a word gives way to a rare one. Their vectors lie as those of
real papers do, in fields and across languages; those of written ones lie all about equally far apart.
"""

import argparse
import itertools
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from recommender.text.tokens import tokens

SEED = 20
FREQUENT = 400  # units of each language that stay where they are
OWN_TERMS = 40  # of a written paper
TOPIC_TERMS = 60  # from which those of its papers are drawn
TOPIC_PAPERS = 30  # on average
REPLACED = 0.05  # of the words of a mixture
EXPONENT, OFFSET = 1.8, 500  # the term of rank r is drawn as often as (r + OFFSET) ** -EXPONENT
REAL = ("chinaxiv_zh", "chinaxiv_en", "arxiv_zh", "arxiv_en")
LATIN, HAN = re.compile(r"[A-Za-z]{2,}"), re.compile(r"[\u4e00-\u9fff]{2}")
UNIT = re.compile(f"{LATIN.pattern}|{HAN.pattern}")
SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+")
SYLLABLES = [first + vowel for first in "bcdfghklmnprstvz" for vowel in ("a", "e", "i", "o", "u", "an", "er")]
VENUES = 300

Paper = tuple[str, str]  # title and abstract


class RealPaper(NamedTuple):
    """What somebody wrote, and in which field."""

    title: str
    abstract: str
    field: str


class Style(NamedTuple):
    """What written papers are like.

    Attributes:
        shortest, longest: Tokens of an abstract; it ends with the sentence that reaches its length.
        shared: How many of a paper's own terms are those of its topic; 0: there are no topics.
    """

    shortest: int
    longest: int
    shared: int


USUAL = Style(shortest=120, longest=250, shared=24)
SHORT = Style(shortest=120, longest=120, shared=0)


class Writer:
    """Writes papers that never were in one language, of the sentences of papers that were."""

    def __init__(
        self, papers: list[Paper], unit: re.Pattern[str], source: random.Random, style: Style
    ) -> None:
        self._random, self._unit, self._style = source, unit, style
        self._n_topics = 1
        count: Counter[str] = Counter(
            word for paper in papers for text in paper for word in unit.findall(text)
        )
        ranked = [word for word, _ in count.most_common()]
        self._stay, self._known = frozenset(ranked[:FREQUENT]), ranked[FREQUENT:]
        letters = sorted({letter for word in ranked for letter in word})
        self._pieces = SYLLABLES if unit is LATIN else letters
        self._titles = [self._frame(title) for title, _ in papers]
        abstracts = [SENTENCE.split(abstract) for _, abstract in papers]
        self._sentences = [self._frame(sentence) for found in abstracts for sentence in found if sentence]

    def paper(self) -> Paper:
        """Write the next one."""
        choice = self._random.choice
        shortest, longest, shared = self._style
        own = [self.term() for _ in range(OWN_TERMS - shared)] + (self._topic(shared) if shared else [])
        wanted = shortest if shortest == longest else self._random.randint(shortest, longest)
        title, length = choice(self._titles)
        abstract: list[str | None] = []
        while length < wanted:
            sentence, more = choice(self._sentences)
            abstract += [*sentence, " "]
            length += more
        return (
            "".join(part or choice(own) for part in title),
            "".join(part or choice(own) for part in abstract).strip(),
        )

    def _frame(self, sentence: str) -> tuple[list[str | None], int]:
        """Return a sentence with gaps, and how many tokens it has."""
        frame: list[str | None] = []
        for word in re.split(f"({self._unit.pattern})", sentence):
            gap = self._unit.fullmatch(word) and word not in self._stay
            frame += [None] if gap else [word] if word else []
        return frame, len(tokens(sentence))

    def _topic(self, n: int) -> list[str]:
        """Return terms of a topic, now and then of a new one."""
        if self._random.random() < 1 / TOPIC_PAPERS:
            self._n_topics += 1
        number = self._random.randrange(self._n_topics)
        topic = random.Random(SEED + number)  # noqa: S311
        terms = [self.term(topic) for _ in range(TOPIC_TERMS)]
        return self._random.sample(terms, n)

    def term(self, source: random.Random | None = None) -> str:
        """Draw a term, known or new."""
        rank = int(OFFSET * ((source or self._random).paretovariate(EXPONENT - 1) - 1))
        if rank < len(self._known):
            return self._known[rank]
        number = rank * 7919  # neighbours in rank have nothing else in common
        term = ""
        while number or len(term) < 2:
            number, piece = divmod(number, len(self._pieces))
            term += self._pieces[piece]
        return term


class Mixer:
    """Mixes two papers of one field, in one language, into one that never was."""

    def __init__(self, papers: list[RealPaper], unit: re.Pattern[str], source: random.Random) -> None:
        self._random, self._unit, self._papers = source, unit, papers
        self._fields: dict[str, list[RealPaper]] = {}
        for paper in papers:
            self._fields.setdefault(paper.field, []).append(paper)
        words = Writer([paper[:2] for paper in papers[:20_000]], unit, source, SHORT)
        self._rare = words.term

    def paper(self) -> Paper:
        """Mix the next one."""
        one = self._random.choice(self._papers)
        other = self._random.choice(self._fields[one.field])
        both = (SENTENCE.split(paper.abstract) for paper in (one, other))
        sentences = [
            a if self._random.random() < 0.5 else b for a, b in itertools.zip_longest(*both, fillvalue="")
        ]
        joint = "" if self._unit is HAN else " "
        abstract = joint.join(filter(None, sentences)) or one.abstract
        return self._changed(
            f"{one.title[: len(one.title) // 2]}{other.title[len(other.title) // 2 :]}"
        ), self._changed(abstract)

    def _changed(self, text: str) -> str:
        def change(found: re.Match[str]) -> str:
            return self._rare() if self._random.random() < REPLACED else found[0]

        return self._unit.sub(change, text)


def papers_of(data: Path | None, style: Style = USUAL) -> Iterator[Paper]:
    """Yield papers without an end, Chinese and English in turn: written ones, or real ones and mixtures."""
    source = random.Random(SEED)  # noqa: S311
    real = [*_real(data)] if data else []
    source.shuffle(real)
    yield from (paper[:2] for paper in real)
    models: dict[re.Pattern[str], list[RealPaper]] = {HAN: [], LATIN: []}
    for paper in real or _sample():
        models[HAN if 5 * len(HAN.findall(paper.abstract)) > len(paper.abstract) else LATIN].append(paper)
    authors = [
        Mixer(papers, unit, source) if real else Writer([paper[:2] for paper in papers], unit, source, style)
        for unit, papers in models.items()
    ]
    for author in itertools.cycle(authors):
        yield author.paper()


def _sample() -> Iterator[RealPaper]:
    from recommender.readers import read_papers
    from recommender.settings import bundled

    for entry in read_papers(bundled("data", "sample.jsonl")):
        if entry.paper.language in ("zh", "en") and entry.paper.title and entry.paper.abstract:
            yield RealPaper(entry.paper.title, entry.paper.abstract, "")


def _real(data: Path) -> Iterator[RealPaper]:
    import lzma

    for name in REAL:
        with lzma.open(data / "papers" / f"{name}.jsonl.xz", "rt", encoding="utf-8") as file:
            for record in map(json.loads, file):
                if record.get("title") and record.get("abstract"):
                    title, abstract = (" ".join(record[part].split()) for part in ("title", "abstract"))
                    yield RealPaper(title, abstract, record.get("label", name))


def records_of(n: int, data: Path | None = None) -> Iterator[dict[str, Any]]:
    """Yield `n` papers with all that a record has: authors, venue and year too."""
    source = random.Random(-SEED)  # noqa: S311
    for number, (title, abstract) in enumerate(itertools.islice(papers_of(data), n)):
        yield {
            "id": str(number),
            "title": title,
            "abstract": abstract,
            "authors": [f"{source.choice(SYLLABLES)}{source.choice(SYLLABLES)}".title() for _ in range(3)],
            "venue": f"Journal {source.randrange(VENUES)}",
            "year": source.randint(1990, 2026),
        }


def write_papers(n: int, path: Path, data: Path | None = None) -> None:
    """Write a corpus as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for record in records_of(n, data):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def main() -> None:
    """Write papers to standard output."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("papers", type=int, help="how many")
    options.add_argument("--data", type=Path, help="folder with papers/: real ones, which come first")
    given = options.parse_args()
    for record in records_of(given.papers, given.data):
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
