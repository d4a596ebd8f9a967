"""`recommend evaluate` as its users see it; four papers, a and b on one subject, c and d on another."""

import json
import shutil

import pytest

from tests.presentation.conftest import PAPERS

PAIRS = "id_a\tid_b\tgrade\na\tb\t2\nc\td\t2\na\tc\t1\n"


@pytest.fixture
def pairs(write):
    return write(PAIRS, "pairs.tsv")


@pytest.fixture
def larger(built, once, write):
    """A build of one paper more than the current one, which is not published."""
    more = write([{"id": "e", "title": "校企合作与产教融合"}], "more.jsonl")
    return once("larger", lambda: built("rebuild", more, "--no-publish").out.strip())


@pytest.fixture
def halved(built, once, write, papers):
    """A build of half of the papers of the current one, which is not published."""
    half = write(papers[:2], "two.jsonl")
    return once("halved", lambda: built("rebuild", half, "--replace", "--no-publish").out.strip())


def test_the_table_is_split_by_language_unless_another_split_is_asked_for(built, pairs):
    shown = built("evaluate", pairs, "--k", "2").out
    assert "recall@2 zh→zh" in shown
    assert "≤" not in shown
    by_length = built("evaluate", pairs, "--k", "2", "--by", "length", "--by", "subject").out
    assert "zh→zh" not in by_length
    assert "recall@2 ≤" in by_length
    assert "recall@2 none" in by_length


def test_every_split_is_in_the_json(built, pairs):
    report = json.loads(built("evaluate", pairs, "--json").out)
    assert {entry["split"] for entry in report["groups"]} == {"length", "subject"}
    assert {entry["query_language"] for entry in report["language_pairs"]} == {"zh", "en"}


def test_same_language_bias_has_a_line(built, pairs):
    assert "own language@10" not in built("evaluate", pairs).out  # no query is relevant in two languages
    shown = built("evaluate", pairs, "--relevant-from", "1").out
    assert "own language@10" in shown
    report = json.loads(built("evaluate", pairs, "--relevant-from", "1", "--json").out)
    assert report["own_language"]["relevant"]["mean"] == 1 / 2  # a: b and c; c: d and a
    assert report["own_language"]["nearest"]["mean"] == pytest.approx(1 / 3)  # of all others one is its own


def test_the_worst_queries_are_shown_with_their_lists(built, pairs):
    judged = pairs.read_text() + "d\tgone\t3\n"
    pairs.write_text(judged)
    worst = json.loads(built("evaluate", pairs, "--worst", "1", "--json").out)["worst"]
    assert [query["id"] for query in worst] == ["gone"]  # not in the corpus, so it was not answered
    second = json.loads(built("evaluate", pairs, "--worst", "2", "--json").out)["worst"][1]
    assert (second["title"], second["found"][0]["id"]) == ("Stability of halide perovskites", "c")
    assert second["missed"] == [{"id": "gone", "title": "", "grade": 3}]
    shown = built("evaluate", pairs, "--worst", "2").out
    assert "Stability of halide perovskites (nDCG@10 0." in shown
    assert "not in the corpus" in shown


def test_another_build_is_compared_over_the_papers_that_both_hold(built, pairs, write):
    first = json.loads(built("--id", "a", "--json").out)["build"]
    built("rebuild", write([{"id": "e", "title": "校企合作与产教融合"}], "more.jsonl"))
    report = json.loads(built("evaluate", pairs, "--against", first, "--json").out)
    (other,) = report["against"]
    assert (other["name"], other["n_papers"], other["n_left_out"]) == (f"build {first}", 4, 0)
    assert [entry["difference"]["mean"] for entry in other["metrics"]] == [0, 0, 0, 0]
    shown = built("evaluate", pairs, "--against", first).out
    assert f"against build {first}, over the 4 papers that both hold" in shown
    assert "+0.000 [+0.00, +0.00]" in shown


def test_a_query_that_one_build_alone_holds_takes_no_part(built, write):
    first = json.loads(built("--id", "a", "--json").out)["build"]
    built("rebuild", write([{"id": "e", "title": "校企合作与产教融合"}], "more.jsonl"))
    pairs = write("id_a\tid_b\na\tb\na\te\n", "pairs.tsv")
    answered = built("evaluate", pairs, "--against", first)
    assert f"build {first}: 1 judged queries are in one of the two alone" in answered.err
    strangers = write("id_a\tid_b\ne\ta\n", "strangers.tsv")
    report = json.loads(built("evaluate", strangers, "--json").out)
    assert report["n_queries"] == 2
    refused = built("evaluate", strangers, "--against", first)
    assert (refused.code, "holds no judged query" in refused.err) == (2, True)


def test_another_model_is_compared_and_nothing_of_it_stays(built, pairs, home, tmp_path):
    import shutil

    from recommender.settings import bundled

    other = shutil.copytree(bundled("models", "fast"), tmp_path / "other")
    (other / "1_Normalize" / "config.json").open("a").write("\n")  # another fingerprint, the same vectors
    before = sorted(path.name for path in home.rglob("*"))
    report = json.loads(built("evaluate", pairs, "--against-model", other, "--json").out)
    assert report["against"][0]["name"] == f"model {other}"
    assert [entry["difference"]["p"] for entry in report["against"][0]["metrics"]] == [1, 1, 1, 1]
    assert sorted(path.name for path in home.rglob("*")) == before
    assert built("evaluate", pairs, "--against-model", "nowhere").code == 2


def test_a_run_that_was_written_is_judged_as_the_build_was(built, pairs, tmp_path):
    run, qrels = tmp_path / "run", tmp_path / "qrels"
    report = built("evaluate", pairs, "--write-run", run, "--write-qrels", qrels, "--json")
    assert run.read_text().startswith("a\tQ0\tb\t1\t-1\t")
    assert built("evaluate", qrels, "--run", run, "--json").out == report.out
    assert "this run [95 %]" in built("evaluate", qrels, "--run", run).out


def test_another_run_is_judged_instead_of_the_build(built, pairs, write):
    run = write("a Q0 d 1 9 x\na Q0 b 2 8 x\nc Q0 d 1 9 x\n", "run")
    report = json.loads(built("evaluate", pairs, "--run", run, "--json").out)
    values = {entry["metric"]: entry["system"]["mean"] for entry in report["metrics"]}
    assert values["MRR@10"] == pytest.approx((1 / 2 + 0 + 1 + 0) / 4)


BAD_CALLS = {
    "--run --against x": "--run does not go together with --against",
    "--gate --worst 3": "--gate does not go together with --worst",
    "--worst=-1": "--worst",
    "--beir x": "--beir does not go together with a file of pairs",
    "--model fast": "--against-model",
    "--by colour": "--by",
    "--against 20200101T000000Z": "there is no build",
    "--write-run no/such/folder": "cannot be written",
}


@pytest.mark.parametrize("options", BAD_CALLS)
def test_what_cannot_be_is_refused_in_one_line(built, pairs, write, options):
    run = write("a Q0 b 1 9 x\n", "run")
    failed = built("evaluate", pairs, *options.replace("--run", f"--run {run}").split())
    assert failed.code in (2, 4)
    assert failed.err.count("\n") == 1
    assert BAD_CALLS[options] in failed.err


@pytest.mark.parametrize(
    ("line", "said"),
    [("a Q0 a 1 9 x", "holds 'a' itself"), ("a Q0 zz 1 9 x", "'zz', which is not in the build")],
)
def test_a_run_of_other_papers_is_refused(built, pairs, write, line, said):
    failed = built("evaluate", pairs, "--run", write(line, "run"))
    assert (failed.code, said in failed.err) == (2, True)


CORPUS = [{"_id": paper["id"], "title": paper["title"], "text": paper["abstract"]} for paper in PAPERS]
QUERIES = [
    {"_id": "q1", "text": "stability of perovskite films", "metadata": {"url": "x"}},
    {"_id": "a", "text": "职业教育的校企合作"},  # bears the id of a document
    {"_id": "q3", "text": "?!"},
    {"_id": "q4", "text": "not judged"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\tc\t2\nq1\td\t1\na\tb\t1\nq3\ta\t1\n"


@pytest.fixture
def collection(tmp_path):
    folder = tmp_path / "collection"
    (folder / "qrels").mkdir(parents=True)
    for name, records in {"corpus": CORPUS, "queries": QUERIES}.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (folder / "qrels" / "test.tsv").write_text(QRELS)
    return folder


def test_a_public_collection_is_measured_by_one_command_and_leaves_nothing(call, collection, home, tmp_path):
    run = tmp_path / "run"
    answered = call("evaluate", "--beir", collection, "--relevant-from", "1", "--write-run", run, "--json")
    assert answered.code == 0, answered.err
    report = json.loads(answered.out)
    values = {entry["metric"]: entry["system"]["mean"] for entry in report["metrics"]}
    # q1 finds c and d, a finds b, as its namesake is left out; q3 has no letter
    assert values["recall@10"] == values["hit@10"] == values["MRR@10"] == pytest.approx(2 / 3)
    assert (report["n_papers"], report["n_queries"], report["n_unanswered"]) == (4, 3, 1)
    assert report["missing"] == []
    assert {entry["query_language"] for entry in report["language_pairs"]} >= {"en", "zh"}
    assert not home.exists()
    lists = [line.split("\t") for line in run.read_text().splitlines()]
    assert [(query, paper) for query, _, paper, *_ in lists if query == paper] == []
    assert "found 0" not in answered.err


def test_another_split_and_another_model_may_be_chosen(call, collection):
    (collection / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq4\tc\t1\n")
    answered = call(
        "evaluate",
        "--beir",
        collection,
        "--split",
        "dev",
        "--against-model",
        "fast",
        "--worst",
        "1",
        "--json",
    )
    report = json.loads(answered.out)
    assert (report["n_queries"], report["worst"][0]["title"]) == (1, "not judged")
    assert [entry["difference"]["mean"] for entry in report["against"][0]["metrics"]] == [0, 0, 0, 0]
    missing = call("evaluate", "--beir", collection, "--split", "train")
    assert (missing.code, "splits of this collection: dev, test" in missing.err) == (2, True)


BAD_COLLECTIONS = {
    "no corpus": ("corpus.jsonl", None, "no corpus.jsonl"),
    "no queries": ("queries.jsonl", None, "queries.jsonl"),
    "broken corpus": ("corpus.jsonl", '{"_id": "a", "text": "x"}\n{broken\n', "corpus.jsonl, line 2"),
    "document twice": ("corpus.jsonl", '{"_id": "a", "text": "x"}\n' * 2, "corpus.jsonl"),
    "query twice": (
        "queries.jsonl",
        '{"_id": "q1", "text": "x"}\n' * 2,
        "queries.jsonl, line 2: the id 'q1'",
    ),
    "no header": ("qrels/test.tsv", "q1\tc\t2\n", "test.tsv, line 1: expected the header query-id"),
    "empty": ("qrels/test.tsv", "", "line 1: expected the header"),
    "unknown query": ("qrels/test.tsv", QRELS + "q9\tc\t1\n", "line 6: 'q9' is none of the queries"),
    "a column less": ("qrels/test.tsv", QRELS + "q1\tc\n", "line 6: expected 3 columns, found 2"),
    "no grade": ("qrels/test.tsv", QRELS + "q1\ta\thigh\n", "line 6: a grade is a whole number"),
    "two grades": ("qrels/test.tsv", QRELS + "q1\tc\t1\n", "but line 2 says 2"),
    "no judgement": ("qrels/test.tsv", "query-id\tcorpus-id\tscore\n", "no judgement"),
}


@pytest.mark.parametrize("name", BAD_COLLECTIONS)
def test_a_malformed_collection_is_refused_with_file_and_line(call, collection, name):
    file, content, said = BAD_COLLECTIONS[name]
    (collection / file).unlink()
    if content is not None:
        (collection / file).write_text(content)
    failed = call("evaluate", "--beir", collection)
    assert (failed.code, failed.err.count("\n")) == (2, 1), failed.err
    assert said in failed.err


def test_pairs_of_other_papers_are_refused_by_name(built, write):
    file = write("id_a\tid_b\n1\t2\n2\t3\n3\t4\n", "others.tsv")
    failed = built("evaluate", file)
    assert (failed.code, failed.out) == (2, "")
    assert "holds none of its papers (1, 2, 3, …); give pairs that it holds" in failed.err


def newest(built):
    return json.loads(built("builds", "--json").out)[0]


def test_the_gate_writes_its_verdict_into_the_candidate_and_builds_shows_it(built, pairs, larger):
    candidate, first = larger, json.loads(built("builds", "--json").out)[1]
    assert (first["current"], first["verdict"]) == (True, None)
    passed = built("evaluate", pairs, "--gate", "--build", candidate)
    assert (passed.code, "may be published" in passed.err) == (0, True)
    verdict = newest(built)["verdict"]
    assert (verdict["passed"], verdict["against"], verdict["n_lost"]) == (True, first["build_id"], 0)
    assert [change["metric"] for change in verdict["metrics"]] == ["recall@10", "hit@10", "MRR@10", "nDCG@10"]
    shown = built("builds").out
    assert "passed, nDCG@10 +0.000" in shown
    assert candidate in shown
    assert built("publish", candidate).code == 0
    assert newest(built)["verdict"] == verdict


def test_a_candidate_that_is_refused_says_so_as_long_as_it_is_kept(built, pairs, halved):
    candidate = halved
    refused = built("evaluate", pairs, "--gate", "--build", candidate)
    assert refused.code == 5
    verdict = newest(built)["verdict"]
    assert (verdict["passed"], verdict["n_lost"], verdict["share_lost"]) == (False, 2, 0.5)
    assert "2 papers of the current build" in verdict["reasons"][0]
    again = built("evaluate", "--gate", "--build", candidate)
    assert "this verdict is not written into it" in again.err
    assert newest(built)["verdict"] == verdict


def test_whoever_publishes_a_refused_build_is_told_of_the_verdict(built, halved):
    candidate = halved
    assert built("evaluate", "--gate", "--build", candidate).code == 5
    told = built("publish", candidate)
    assert told.code == 0
    assert f"the gate had refused build {candidate}: " in told.err
    assert "2 " in told.err
    assert f"build {candidate} is current" in told.err


def test_without_a_build_the_gate_judges_the_newest_and_names_it(built, pairs, halved):
    candidate = halved
    refused = built("evaluate", pairs, "--gate")
    assert (refused.code, f"error: build {candidate} is refused: " in refused.err) == (5, True)
    assert newest(built)["verdict"]["passed"] is False


def test_the_gate_waits_for_nobody_who_writes(built, pairs, home):
    from recommender.settings import Settings
    from recommender.workspace import Workspace

    with Workspace(Settings(home=home)).writing():
        assert built("evaluate", pairs, "--gate").code == 6


DAMAGES = {
    "no manifest": lambda build: (build / "manifest.json").unlink(),
    "a bit of the papers": lambda build: spoil(build / "papers.bin"),
    "a bit of the neighbours": lambda build: spoil(build / "neighbours.bin"),
    "cut off": lambda build: (build / "vectors.npy").write_bytes(b""),
    "gone": shutil.rmtree,
    "the pointer": lambda build: (build.parent / "CURRENT").write_bytes(b".."),
}


def spoil(path):
    """Change every byte of a file."""
    path.write_bytes(bytes(byte ^ 0xFF for byte in path.read_bytes()))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_current_build_keeps_no_candidate_from_taking_its_place(
    built, pairs, home, larger, damage, monkeypatch
):
    journal = home.parent / "journal.jsonl"
    monkeypatch.setenv("RECOMMENDER_LOG", str(journal))
    candidate = larger
    DAMAGES[damage](home / "builds" / (home / "builds" / "CURRENT").read_text().strip())
    judged = built("evaluate", pairs, "--gate", "--build", candidate)
    assert judged.code == 0, judged.err
    assert f"there is nothing to compare build {candidate} with: " in judged.err
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    assert next(line for line in lines if line["event"] == "verdict")["not_compared"]
    listed = json.loads(built("builds", "--json").out)
    verdict = next(entry for entry in listed if entry["build_id"] == candidate)["verdict"]
    assert (verdict["passed"], verdict["against"]) == (True, None)
    assert built("publish", candidate).code == 0
    assert built("--id", "a").code == 0


def test_a_damaged_candidate_is_not_judged_whatever_the_current_build_is(built, pairs, home, larger):
    candidate = larger
    spoil(home / "builds" / candidate / "papers.bin")
    assert built("evaluate", pairs, "--gate", "--build", candidate).code == 4
