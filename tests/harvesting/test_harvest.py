from datetime import UTC, datetime

import pytest

from recommender.errors import HarvestError, RecordError
from recommender.harvesting import Harvester, Request, fetcher, spool, take_up
from recommender.library import Library, importing, store
from recommender.readers import oai

pytestmark = pytest.mark.loopback
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def waits():
    return []


@pytest.fixture
def harvest(tmp_path, repository, waits):
    """Harvest once; return what came of it."""

    def harvest_(*, report=False, **options):
        request = Request(url=repository.url, **options)
        harvester = Harvester(
            folder=tmp_path / "harvests", fetch=fetcher(waits.append), on_stage=lambda *_: None
        )
        spool = harvester.fetched(request)
        with Library.open(tmp_path / "library.db", create=True) as library:
            return take_up(request, spool, library, now=NOW, report=report)

    return harvest_


@pytest.fixture
def titles(tmp_path):
    """Return what the library holds."""

    def titles_():
        with Library.open_read_only(tmp_path / "library.db") as library:
            return {paper.id: paper.title for paper in library.papers()}

    return titles_


@pytest.fixture
def five(repository):
    for number, title in enumerate(("产教融合", "二", "三", "四", "五"), start=1):
        repository.put(f"oai:{number}", title, "2026-11-01T00:00:00Z")
    return repository


def test_all_pages_come_in_one_import(five, harvest, titles):
    harvested = harvest()
    assert titles() == {"oai:1": "产教融合", "oai:2": "二", "oai:3": "三", "oai:4": "四", "oai:5": "五"}
    assert (harvested.n_pages, harvested.report.sources[0].n_new) == (3, 5)
    assert [asked.get("resumptionToken", "") for asked in five.asked[1:]] == ["", "|2", "|4"]


def test_the_next_harvest_asks_for_what_changed_since_the_last_one_began(five, harvest, titles):
    harvest()
    five.put("oai:2", "zwei", "2026-11-24T05:00:00Z")
    five.now = "2026-11-25T02:15:00Z"
    harvested = harvest()
    assert five.asked[-1]["from"] == "2026-11-24T02:15:00Z"
    assert (harvested.report.sources[0].n_changed, titles()["oai:2"]) == (1, "zwei")
    assert harvested.done == "2026-11-25T02:15:00Z"


def test_a_repository_of_whole_days_is_asked_for_whole_days(five, harvest):
    five.granularity = "YYYY-MM-DD"
    harvest()
    harvest()
    assert five.asked[-1]["from"] == "2026-11-24"


def test_nothing_new_is_an_answer(five, harvest, titles):
    harvest()
    harvested = harvest()
    assert (harvested.n_pages, len(titles())) == (0, 5)


def test_a_harvest_that_breaks_off_goes_on_where_it_was(five, harvest, titles, tmp_path):
    five.failing = [None, None, 404]
    with pytest.raises(HarvestError, match="answered 404"):
        harvest()
    assert not (tmp_path / "library.db").exists()
    five.asked.clear()
    harvest()
    assert [asked.get("resumptionToken") for asked in five.asked] == [None, "|2", "|4"]
    assert five.asked[0]["verb"] == "Identify"
    assert len(titles()) == 5


def test_a_token_that_the_repository_has_forgotten_begins_the_harvest_anew(five, harvest, titles):
    five.failing = [None, None, 404]
    with pytest.raises(HarvestError):
        harvest()
    answer = '<OAI-PMH><responseDate>x</responseDate><error code="badResumptionToken">old</error></OAI-PMH>'
    five.failing = [None, answer]
    harvest()
    assert len(titles()) == 5


def test_deleted_records_leave_the_library(five, harvest, titles):
    harvest()
    five.put("oai:3", "", "2026-11-24T05:00:00Z", deleted=True)
    five.put("oai:9", "", "2026-11-24T05:00:00Z", deleted=True)
    assert harvest().n_removed == 1
    assert [*titles()] == ["oai:1", "oai:2", "oai:4", "oai:5"]


def test_what_was_deleted_is_looked_for_in_one_transaction_and_every_page_is_read_twice(
    five, harvest, titles, monkeypatch
):
    harvest()
    for number in range(1, 40):
        five.put(f"oai:{number:02}", "", "2026-11-24T05:00:00Z", deleted=True)
    five.put("oai:5", "", "2026-11-24T05:00:00Z", deleted=True)
    checked, read, real = [], [], spool.oai_records
    for module in (store, importing):
        monkeypatch.setattr(module, "check_ids", lambda *_: checked.append(1))
    real = spool.oai_records
    for module in (spool, oai):
        monkeypatch.setattr(
            module, "oai_records", lambda source: read.append(source.path.name) or real(source)
        )
    assert harvest().n_removed == 1
    assert [*titles()] == ["oai:1", "oai:2", "oai:3", "oai:4"]
    assert len(checked) == 2  # before the import, and before the removal
    assert len(read) == 2 * len({*read}) == 40


def test_an_identifier_is_one_in_whatever_form_of_unicode_it_comes(repository, harvest, titles):
    repository.put("oai:cafe\u0301", "One", "2026-11-01T00:00:00Z")
    harvest()
    assert titles() == {"oai:caf\u00e9": "One"}
    repository.put("oai:cafe\u0301", "", "2026-11-24T05:00:00Z", deleted=True)
    assert harvest().n_removed == 1


def test_of_a_record_that_changes_during_the_harvest_the_last_version_counts(five, harvest, titles):
    first = five.answer({"verb": "ListRecords"}).replace("产教融合", "old").replace("|2", "|0")
    five.failing = [None, first]
    assert harvest().report.sources[0].n_new == 5
    assert titles()["oai:1"] == "产教融合"


def test_a_busy_repository_is_given_the_time_it_asks_for(five, harvest, waits):
    five.failing = [503, None, 503, 429]
    harvest()
    assert waits == [7.0, 7.0, 7.0]


def test_after_five_tries_it_is_enough(five, harvest, waits):
    five.failing = [503] * 9
    with pytest.raises(HarvestError, match="answered 503"):
        harvest()
    assert len(waits) == 4


def test_no_redirection_leads_out_of_the_web(five, harvest):
    five.failing = [302]
    with pytest.raises(HarvestError, match=r"'ftp://127\.0\.0\.1/oai' is no address of a repository"):
        harvest()


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/y", "example.org/oai", "http://", "http://[", "-"]
)
def test_only_addresses_of_the_web_are_asked(url):
    with pytest.raises(HarvestError, match="is no address of a repository"):
        fetcher()(url, {})


def test_an_address_where_nobody_answers_is_named_at_each_try(repository, waits, caplog):
    with pytest.raises(
        HarvestError,
        match=r"oai cannot be reached \(Connection refused\), 5 times; check the address and the connection",
    ):
        fetcher(waits.append)("http://127.0.0.1:1/oai", {})
    assert [record.getMessage() for record in caplog.records] == [
        f"http://127.0.0.1:1/oai cannot be reached (Connection refused); once more in {seconds} seconds"
        for seconds in (2, 4, 8, 16)
    ]
    assert waits == [2.0, 4.0, 8.0, 16.0]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("<html></html>", "does not answer in OAI-PMH; check the address"),
        ("not XML at all", "does not answer in OAI-PMH"),
        ("<OAI-PMH><open>", "answered what cannot be read: .*no element found"),
        ('<OAI-PMH><error code="badVerb">no</error></OAI-PMH>', "answered badVerb: no"),
    ],
)
def test_an_answer_that_is_no_oai_pmh_is_refused(repository, harvest, answer, message):
    repository.failing = [answer]
    with pytest.raises(HarvestError, match=message):
        harvest()


def test_a_repository_that_turns_in_a_circle_is_left(five, harvest):
    page = five.answer({"verb": "ListRecords"})
    five.failing = [None, page, page]
    with pytest.raises(HarvestError, match="the same page for ever"):
        harvest()


def test_a_record_that_is_no_paper_stops_the_import_and_nothing_is_fetched_again(five, harvest, titles):
    bad = five.answer({"verb": "ListRecords"}).replace("oai_dc:dc", "oai_dc:other")
    five.failing = [None, bad.replace("|2", "")]
    with pytest.raises(
        RecordError, match=r"page-000001.xml, page 1, line \d: the metadata are of the kind 'other'"
    ):
        harvest()
    five.asked.clear()
    harvested = harvest(report=True)
    assert [asked["verb"] for asked in five.asked] == ["Identify"]
    assert harvested.report.sources[0].n_rejected == 2


def test_what_stands_in_a_record_is_not_what_the_repository_answers(five, harvest, titles):
    five.records["oai:1"] = (
        "x</dc:title><error code='badArgument'>of the paper</error><dc:title>",
        "2026",
        False,
    )
    harvest()
    assert titles()["oai:1"] == "x"


def test_a_harvest_up_to_a_date_does_not_move_where_the_next_one_goes_on(five, harvest):
    assert harvest(until="2020-01-01").done == ""
    assert harvest().done == five.now
    five.now = "2026-12-01T00:00:00Z"
    assert harvest(since="2026-11-30T00:00:00Z").done == "2026-11-24T02:15:00Z"


def test_sets_and_kinds_of_metadata_are_harvests_of_their_own(five, harvest):
    harvest()
    harvest(set="math")
    assert "from" not in five.asked[-3]
    assert five.asked[-3]["set"] == "math"


@pytest.mark.parametrize(
    "date", ["yesterday", "2026-1-1", "2026-11-24 02:15", "2026-99-99", "2026-11-24T25:00:00Z"]
)
def test_a_date_that_is_none_is_refused(date):
    with pytest.raises(HarvestError, match="is no date, as 2026-11-24"):
        Request(url="http://127.0.0.1/oai", until=date)
    with pytest.raises(HarvestError, match="is no date, as 2026-11-24"):
        Request(url="http://127.0.0.1/oai", since=date)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[" * 100_000,
        '{"pages": "x"}',
        '{"pages": -1}',
        '{"pages": true}',
        '{"token": 7}',
        '{"asked": ["x"]}',
        '{"is_complete": "yes"}',
        '{"other": 1}',
    ],
    ids=lambda content: content[:20],
)
def test_a_damaged_state_is_refused_with_what_to_do(five, harvest, tmp_path, content):
    harvest()
    [state] = tmp_path.rglob("state.json")
    state.write_text(content)
    with pytest.raises(HarvestError, match=r"state.json is damaged; delete its folder"):
        harvest()


def test_dates_in_the_wrong_order_are_refused():
    with pytest.raises(HarvestError, match="no date lies from 2026-11-25 to 2026-11-24"):
        Request(url="http://127.0.0.1/oai", since="2026-11-25", until="2026-11-24T02:15:00Z")
