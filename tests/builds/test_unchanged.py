"""What a night takes over of papers that are as they were: the build is that of a rebuild of everything."""

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from recommender.builds import carrying, facet_rows, recording, unchanged
from recommender.builds.corpus import HeldPapers
from recommender.builds.facets import AUTHOR, FACETS, FILE, FILES, LANGUAGE, SUBJECT, VENUE, YEAR
from recommender.builds.rebuild import Corpus, rebuild
from recommender.digests import digests_of
from recommender.index import engine_named
from recommender.paper import Paper

SAME = ("papers.bin", "ids.bin", "kept.digests.npy", "kept.records.npy")
PEOPLE = ("Ma, Y.", "ma, y.", "王伟", "王偉", "Ann O'Neil", "MA, Y.", " ")


@pytest.fixture
def engine():
    return engine_named("flat")  # what is taken over is the same whatever searches


class ListedPapers(HeldPapers):
    """Records in memory of which the digests are known, as those of a library are."""

    def digests(self, places):
        return digests_of(hashlib.sha256(repr(self[place].values()).encode()).hexdigest() for place in places)


def paper(number, **other):
    """Return a paper that shares its text, its venue and its authors with some of the others."""
    values = {
        "title": f"text {number % 17}",
        "venue": ("Nature", "NATURE", "教育", "")[number % 4],
        "authors": (PEOPLE[number % 7], PEOPLE[number % 5], f"person {number}"),
        "year": 1990 + number % 30 if number % 11 else None,
        "language": ("zh", "en", "de")[min(number % 7, 2)],
        "subject": f"subject {number // 10}",
    }
    return Paper(id=f"p{number:03}", **values | other)


FIRST = (*map(paper, range(5, 100)), Paper(id="blank"))
AFTER = {
    "another order": FIRST[::-1],
    "papers gone": tuple(one for place, one in enumerate(FIRST) if place % 9),
    "the first of the copies gone": FIRST[17:],
    "only metadata changed": tuple(
        replace(one, authors=(*one.authors, "New, N."), venue="Science") if place % 20 == 3 else one
        for place, one in enumerate(FIRST)
    ),
    "texts changed": tuple(
        replace(one, title=f"other {place % 3}") if place % 20 == 3 else one
        for place, one in enumerate(FIRST)
    ),
    "papers in the middle": (
        *FIRST,
        *(replace(paper(number), id=f"p{number:03}b") for number in (20, 40, 60)),
    ),
    "papers before and behind": (*(paper(number) for number in (*range(5), *range(100, 120))), *FIRST),
    "a language of few papers": tuple(
        replace(one, language="fr") if one.language == "zh" and place > 40 else one
        for place, one in enumerate(FIRST)
    ),
    "a language of many papers": (*FIRST, *(paper(number, language="sv") for number in range(200, 230))),
    "a text for what was blank": (*FIRST[:-1], Paper(id="blank", title="text 3")),
    "no text for what had one": (Paper(id=FIRST[0].id), *FIRST[1:]),
    "everything": tuple(replace(one, subject="another") for one in FIRST),
}


@pytest.fixture
def night(parts, now, tmp_path):
    """Rebuild from papers some nights later; `anew`: as the first build ever."""

    def night_(papers, nights=1, *, anew=False, of=ListedPapers):
        home = parts if not anew else replace(parts, store=type(parts.store)(tmp_path / "anew"))
        digest = hashlib.sha256(repr(papers).encode()).hexdigest()
        corpus = Corpus(papers=of(papers), rejected={}, n_rejected=0, digest=digest, origin="library")
        at = now + timedelta(days=nights)
        build_id = rebuild(corpus, home, now=at, on_stage=lambda *_: None).manifest.build_id
        home.store.publish(build_id)
        return home.store.open(build_id)

    return night_


@pytest.fixture
def read(monkeypatch):
    """The ids of the papers whose records are read from now on."""
    found = []
    recorded = recording.recorded

    def noting(papers):
        held = [*papers]
        found.extend(one.id for one in held)
        return recorded(held)

    monkeypatch.setattr(recording, "recorded", noting)
    return found


def told(build):
    """Return all that the facets of a build tell."""
    table = build.facets
    every = {
        (facet, name): table.rows(facet, name).tolist() for facet in FACETS for name, _ in table.values(facet)
    }
    close = [
        table.close_to(facet, name) for facet in (AUTHOR, VENUE) for name in ("natur", "person 1", "ma y")
    ]
    listed = {facet: table.values(facet) for facet in FACETS}
    years = table.years(build.manifest.n_papers).tolist()
    return every, listed, close, years, table.rows_of_years(1995, 2005).tolist()


def check_same(night, full):
    for name in SAME:
        assert (night.folder / name).read_bytes() == (full.folder / name).read_bytes(), name
    assert told(night) == told(full)
    night.verify()


@pytest.mark.parametrize("papers", AFTER.values(), ids=AFTER)
def test_a_night_reads_what_is_new_and_writes_what_a_rebuild_of_everything_does(night, read, papers):
    night(FIRST, 0)
    read.clear()
    tonight = night(papers)
    assert sorted(read) == sorted(one.id for one in {*papers} - {*FIRST} if not one.is_blank)
    check_same(tonight, night(papers, anew=True))


def test_after_many_nights_all_is_as_a_rebuild_of_everything_makes_it(night, monkeypatch):
    monkeypatch.setattr(facet_rows, "AT_ONCE", 7)
    chance = np.random.default_rng(3)
    papers = {one.id: one for one in FIRST}
    night(FIRST, 0)
    for number in range(1, 6):
        for name in chance.choice([*papers], 9, replace=False).tolist():
            del papers[name]
        for name in chance.choice([*papers], 9, replace=False).tolist():
            papers[name] = replace(paper(int(chance.integers(40))), id=name)
        for new in chance.integers(300, 999, 9).tolist():
            papers[f"p{new}"] = paper(new, language="fr" if new % 2 else "zh")
        tonight = night((*papers.values(),), number)
    check_same(tonight, night((*papers.values(),), number, anew=True))
    spelt = {(facet, name) for one in papers.values() if not one.is_blank for facet, name in values_of(one)}
    with closing(sqlite3.connect(tonight.folder / FILE)) as connection:
        rows = connection.execute("SELECT facet, name, number FROM spellings").fetchall()
    assert {row[:2] for row in rows} == spelt
    assert len({number for *_, number in rows}) == len(rows)
    assert max(number for *_, number in rows) < len(spelt) + 9 * 3 * 2  # those of one night are free


def values_of(one):
    found = [(AUTHOR, name) for name in one.authors if name.strip()]
    found += [(YEAR, f"{one.year}")] if one.year else []
    named = ((VENUE, one.venue), (SUBJECT, one.subject), (LANGUAGE, one.language))
    return found + [(facet, name) for facet, name in named if name]


def test_a_build_shares_no_file_with_the_one_before(night):
    first = night(FIRST, 0)
    before = {path.name: path.read_bytes() for path in first.folder.iterdir()}
    tonight = night(AFTER["texts changed"])
    for name in (*SAME, *FILES):
        assert not (tonight.folder / name).samefile(first.folder / name)
    assert {path.name: path.read_bytes() for path in first.folder.iterdir()} == before
    first.verify()


def without(name, build):
    """Take a file out of a build, as a program that did not write it would have left it."""
    (build.folder / name).unlink()
    files = {other: stamp for other, stamp in build.manifest.files.items() if other != name}
    replace(build.manifest, files=files).write(build.folder)


@pytest.mark.parametrize("name", [unchanged.FILE, carrying.FILE])
def test_a_build_that_did_not_write_down_its_records_is_left(night, read, name):
    without(name, night(FIRST, 0))
    read.clear()
    tonight = night(AFTER["papers gone"])
    assert len(read) == len(tonight.papers)
    check_same(tonight, night(AFTER["papers gone"], anew=True))


def test_papers_of_which_no_digests_are_known_are_read_as_ever(night, read):
    first = night(FIRST, 0, of=HeldPapers)
    assert not (first.folder / unchanged.FILE).exists()
    read.clear()
    tonight = night(AFTER["papers gone"], of=HeldPapers)
    assert len(read) == len(tonight.papers)
    tonight.verify()


def test_a_damaged_build_is_nothing_to_take_over_from(night, read):
    first = night(FIRST, 0)
    path = first.folder / "papers.bin"
    path.write_bytes(path.read_bytes().replace(b"person 50", b"person 60"))
    read.clear()
    tonight = night(AFTER["papers gone"])
    assert len(read) == len(tonight.papers)
    check_same(tonight, night(AFTER["papers gone"], anew=True))
