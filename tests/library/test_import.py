from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import RecordError, SourceError
from recommender.library import Library, Rejected, Source
from recommender.paper import FIELDS, Paper
from tests.library.conftest import NIGHT, digest_of, paper, source

MORNING = NIGHT + timedelta(hours=5)


def ids(library):
    return [held.id for held in library.papers()]


def test_papers_come_back_as_they_went_in_and_in_order(three):
    assert list(three.papers()) == [paper("b", "Bees"), paper("a", "Ants"), paper("c", "Crabs")]


def test_an_import_counts_new_changed_and_unchanged_papers(three):
    report = three.import_papers(
        [source("more.txt", paper("a", "Ants"), paper("b", "Bees", year=2021), paper("d", "Deer"))],
        now=MORNING,
    )
    [counts] = report.sources
    assert (counts.n_new, counts.n_changed, counts.n_unchanged, counts.n_records) == (1, 1, 1, 3)
    assert report.n_removed == 0


def test_a_paper_keeps_its_place_in_the_order_for_ever(three):
    three.import_papers(
        [source("more.txt", paper("d", "Deer"), paper("c", "Cranes"), paper("b", "Bears"))], now=NIGHT
    )
    assert [held.title for held in three.papers()] == ["Bears", "Ants", "Cranes", "Deer"]


def test_a_removed_paper_comes_back_at_the_end(three):
    three.remove(["c", "b"])
    three.import_papers([source("more.txt", paper("b", "Bees"))], now=NIGHT)
    assert ids(three) == ["a", "b"]


def test_source_and_place_are_the_last_seen_and_times_tell_content_from_arrival(three):
    three.import_papers(
        [source("more.txt", paper("x", "X"), paper("a", "Ants"), paper("b", "Bears"))], now=MORNING
    )
    unchanged, changed, untouched = three.get("a"), three.get("b"), three.get("c")
    assert (unchanged.source, unchanged.place) == ("more.txt", "line 2")
    assert (unchanged.added_at, unchanged.imported_at) == (NIGHT, NIGHT)
    assert (changed.added_at, changed.imported_at) == (NIGHT, MORNING)
    assert (untouched.source, untouched.place) == ("first.txt", "line 3")


def test_blank_papers_are_kept_counted_and_named(library):
    [counts] = library.import_papers(
        [source("a.txt", paper("1", "One"), paper("2", " -- "))], now=NIGHT
    ).sources
    assert counts.blank == (("2", "line 2"),)
    assert (counts.n_blank, counts.n_new, counts.n_records) == (1, 2, 2)
    assert (library.get("1").state, library.get("2").state) == ("ok", "blank")
    assert ids(library) == ["1", "2"]


def test_a_language_is_detected_only_where_the_record_names_none(library):
    chinese = "本文研究乡村学校。"
    [counts] = library.import_papers(
        [
            source(
                "a.txt",
                paper("1", chinese, language=""),
                paper("2", chinese, language="en-GB"),
                paper("3", chinese, language="Klingon"),
                paper("4", "12", language=""),
                paper("5", "Title", language="chi"),
            )
        ],
        now=NIGHT,
    ).sources
    assert [held.language for held in library.papers()] == ["zh", "en", "zh", "", "zh"]
    assert counts.languages == {"zh": 3, "en": 1, "": 1}
    assert list(counts.languages) == ["zh", "en", ""]


def test_the_language_is_that_of_title_and_abstract_whatever_the_keywords_are_written_in(library):
    record = paper("1", "乡村学校", language="", keywords=("сельская школа", "учитель", "политика"))
    library.import_papers([source("a.txt", record)], now=NIGHT)
    assert library.get("1").paper.language == "zh"


def test_the_first_bad_record_stops_the_import_and_nothing_is_changed(three, path):
    before = digest_of(path)
    with pytest.raises(RecordError, match=r"bad\.txt, line 2: no abstract"):
        three.import_papers([source("bad.txt", paper("d", "Deer"), "no abstract")], now=NIGHT)
    assert digest_of(path) == before
    assert three.summary().n_rejected == 0
    assert [summary.name for summary in three.summary().sources] == ["first.txt"]


def test_with_report_bad_records_are_kept_as_rejected_and_the_rest_is_imported(library):
    rejected = Rejected(source="bad.txt", place="line 2", reason="no abstract")
    [counts] = library.import_papers(
        [source("bad.txt", paper("d", "Deer"), "no abstract", paper("e", "Eels"))],
        now=NIGHT,
        on_error="report",
    ).sources
    assert counts.rejected == (rejected,)
    assert (counts.n_rejected, counts.n_new, counts.n_records) == (1, 2, 3)
    assert library.rejected() == [rejected]
    assert ids(library) == ["d", "e"]


def test_importing_a_source_again_replaces_what_was_rejected_of_it(library):
    for _ in range(2):
        library.import_papers(
            [source("a.txt", "bad a"), source("b.txt", "bad b")], now=NIGHT, on_error="report"
        )
    assert [entry.reason for entry in library.rejected()] == ["bad a", "bad b"]
    library.import_papers([source("a.txt", paper("1", "One"))], now=NIGHT)
    assert [entry.reason for entry in library.rejected()] == ["bad b"]


def test_a_rejection_that_cannot_be_written_as_utf_8_is_escaped(library):
    library.import_papers([source("n\udc80.txt", "bad \ud800")], now=NIGHT, on_error="report")
    assert library.rejected() == [Rejected(source=r"n\udc80.txt", place="line 1", reason=r"bad \ud800")]


def test_a_duplicate_id_is_refused_with_both_places(library):
    twice = source("a.txt", paper("3", "Three"), paper("4", "Four"), paper("3", "Drei"))
    with pytest.raises(RecordError) as refused:
        library.import_papers([twice], now=NIGHT)
    assert str(refused.value) == "a.txt, line 3: id '3' is already used in a.txt, line 1"
    assert refused.value.paper_id == "3"
    assert ids(library) == []


def test_the_same_record_twice_in_one_file_is_still_a_duplicate(library):
    with pytest.raises(RecordError, match=r"line 2: id '3' is already used in a\.txt, line 1"):
        library.import_papers([source("a.txt", paper("3", "Three"), paper("3", "Three"))], now=NIGHT)


def test_another_record_with_the_id_in_a_second_file_is_a_duplicate(library):
    with pytest.raises(RecordError, match=r"b\.txt, line 1: id '3' is already used in a\.txt, line 1"):
        library.import_papers(
            [source("a.txt", paper("3", "Three")), source("b.txt", paper("3", "Drei"))], now=NIGHT
        )


def test_the_same_record_in_a_second_file_is_unchanged_and_belongs_to_the_first(library):
    report = library.import_papers(
        [source("a.txt", paper("3", "Three")), source("b.txt", paper("3", "Three"))], now=NIGHT
    )
    assert [(counts.n_new, counts.n_unchanged) for counts in report.sources] == [(1, 0), (0, 1)]
    assert library.get("3").source == "a.txt"


def test_with_report_the_second_of_two_ids_is_rejected_and_the_first_one_stays(library):
    [counts] = library.import_papers(
        [source("a.txt", paper("3", "Three"), paper("3", "Drei"))], now=NIGHT, on_error="report"
    ).sources
    assert library.get("3").paper.title == "Three"
    assert counts.rejected == (
        Rejected(
            source="a.txt", place="line 2", reason="id '3' is already used in a.txt, line 1", paper_id="3"
        ),
    )


def test_an_id_of_an_earlier_import_is_no_duplicate(three):
    three.import_papers([source("first.txt", paper("a", "Apes"))], now=NIGHT)
    assert three.get("a").paper.title == "Apes"


def test_a_file_named_twice_is_refused(library):
    with pytest.raises(SourceError, match=r"a\.txt is named twice"):
        library.import_papers([source("a.txt", paper("1", "One")), source("a.txt")], now=NIGHT)


def test_replace_leaves_exactly_the_papers_of_these_sources(three):
    three.import_papers([source("second.txt", paper("d", "Deer"), "bad")], now=NIGHT, on_error="report")
    report = three.import_papers(
        [source("third.txt", paper("e", "Eels"), paper("a", "Ants"))], now=NIGHT, replace=True
    )
    assert ids(three) == ["a", "e"]
    assert report.n_removed == 3
    assert [summary.name for summary in three.summary().sources] == ["third.txt"]
    assert three.rejected() == []


def rejecting(name, paper_id, *papers):
    """A source whose first record is none, with the id that could be read of it."""

    def read(on_reject):
        on_reject(RecordError(Path(name), "line 1", "no year", paper_id=paper_id))
        yield from source(name, *papers).read(on_reject)

    return Source(name=name, format="lines", read=read)


def test_replace_keeps_the_paper_whose_new_record_was_rejected(three):
    report = three.import_papers(
        [rejecting("next.txt", "a", paper("b", "Bears"))], now=NIGHT, replace=True, on_error="report"
    )
    assert [(held.id, held.title) for held in three.papers()] == [("b", "Bears"), ("a", "Ants")]
    assert (report.n_removed, report.n_kept, report.n_nameless) == (1, 1, 0)
    assert three.get("a").source == "first.txt"


def test_an_import_counts_the_papers_that_stay_because_their_record_was_rejected(three):
    report = three.import_papers(
        [rejecting("next.txt", "unknown"), rejecting("more.txt", "c"), rejecting("last.txt", None)],
        now=NIGHT,
        on_error="report",
    )
    assert (report.n_removed, report.n_kept, report.n_nameless) == (0, 1, 1)


def test_a_rejected_record_beside_a_good_one_of_its_id_keeps_nothing_old(three):
    report = three.import_papers(
        [rejecting("next.txt", "a", paper("a", "Apes"))], now=NIGHT, replace=True, on_error="report"
    )
    assert [held.title for held in three.papers()] == ["Apes"]
    assert (report.n_removed, report.n_kept) == (2, 0)


def test_replacing_everything_with_nothing_is_refused(three):
    with pytest.raises(SourceError, match="no paper to replace"):
        three.import_papers([source("empty.txt", "bad")], now=NIGHT, replace=True, on_error="report")
    assert ids(three) == ["b", "a", "c"]


def test_whatever_a_source_raises_nothing_is_lost(three, path):
    def read(on_reject):
        yield from source("x.txt", paper("b", "Bears"), paper("x", "Xerus")).read(on_reject)
        raise KeyboardInterrupt

    before = digest_of(path)
    with pytest.raises(KeyboardInterrupt):
        three.import_papers([Source(name="x.txt", format="lines", read=read)], now=NIGHT, replace=True)
    assert digest_of(path) == before
    three.import_papers([source("x.txt", paper("x", "Xerus"))], now=NIGHT)
    assert ids(three) == ["b", "a", "c", "x"]


def test_a_time_without_its_zone_is_a_mistake(library):
    with pytest.raises(ValueError, match="zone"):
        library.import_papers([], now=datetime(2026, 11, 23))


ids_of_papers = st.text(min_size=1, max_size=9).filter(
    lambda text: text == text.strip() and text.isprintable()
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
papers = st.builds(
    Paper,
    id=ids_of_papers,
    year=st.none() | st.integers(1000, 2999),
    authors=st.lists(texts, max_size=3).map(tuple),
    keywords=st.lists(texts, max_size=3).map(tuple),
    language=st.sampled_from(["zh", "en", "ja"]),
    **{name: texts for name in FIELDS if name not in {"id", "year", "authors", "keywords", "language"}},
)


@settings(max_examples=30, deadline=None)
@given(records=st.lists(papers, min_size=1, max_size=4, unique_by=lambda record: record.id))
def test_any_valid_papers_come_back_equal(tmp_path_factory, records):
    with Library.open(tmp_path_factory.mktemp("any") / "library.db", create=True) as library:
        library.import_papers([source("any.txt", *records)], now=NIGHT)
        assert list(library.papers()) == records
        assert [library.get(record.id).paper for record in records] == records
        [again] = library.import_papers([source("any.txt", *records)], now=NIGHT).sources
        assert again.n_unchanged == len(records)
