"""The command line as its users see it."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from recommender.builds.build import CHECKED
from recommender.choices import Choices
from recommender.settings import PACKAGE, Settings, bundled
from recommender.workspace import Workspace


def ids(answer):
    return [result["id"] for result in json.loads(answer.out)["results"]]


def test_without_a_command_similar_is_meant(built):
    assert built("--id", "a", "--json").out == built("similar", "--id", "a", "--json").out


def test_an_id_finds_its_topic_first_and_never_itself(built):
    assert ids(built("--id", "a", "--json"))[0] == "b"
    assert ids(built("--id", "c", "--json"))[0] == "d"
    assert "a" not in ids(built("--id", "a", "--json"))


def test_words_need_no_quotes_and_a_dash_reads_standard_input(built, monkeypatch):
    alone = built("perovskite stability", "--k", "2", "--json").out
    assert built("perovskite", "stability", "--k", "2", "--json").out == alone
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"perovskite stability")))
    assert built("-", "--k", "2", "--json").out == alone


def test_the_same_question_gives_the_same_bytes(built):
    for arguments in (["--id", "a"], ["--id", "a", "--json"], ["产教融合", "--format", "csv"]):
        assert built(*arguments).out == built(*arguments).out


def test_results_go_to_standard_output_and_all_else_to_standard_error(built):
    answer = built("--id", "a", "--json")
    assert json.loads(answer.out)
    assert "found 3 similar papers in " in answer.err
    assert " ms for a 产教融合的治理" in answer.err


def test_json_lines_and_csv_hold_the_same_results(built):
    wanted = json.loads(built("--id", "a", "--json").out)["results"]
    lines = built("--id", "a", "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == wanted
    text = built("--id", "a", "--format", "csv").out
    assert text.startswith("\ufeffrank,id,score,similarity,label,title,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    for row, result in zip(rows, wanted, strict=True):
        assert row.keys() - {None} == result.keys() - {"display_title"}
        assert (row["title"], row["abstract"]) == (result["title"], result["abstract"])
        assert row["keywords"] == "; ".join(result["keywords"])


def test_a_spreadsheet_runs_no_formula(built, write, papers):
    built("rebuild", write([{**papers[1], "title": "=HYPERLINK(0)职业教育"}]))
    row = next(csv.DictReader(io.StringIO(built("--id", "a", "--format", "csv").out.removeprefix("\ufeff"))))
    assert row["title"].startswith("'=HYPERLINK")


def test_a_title_cannot_move_the_cursor_or_colour_the_screen(built, write, papers):
    built("rebuild", write([{**papers[1], "title": "职业教育\x1b[2J\x07 [red]校企[/red]"}]))
    shown = built("--id", "a").out
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "[red]校企[/red]" in shown


def test_the_table_keeps_its_columns_with_wide_characters(built):
    from rich.cells import cell_len

    lines = [line for line in built("--id", "a").out.splitlines() if line.strip()]
    assert {cell_len(line) <= 80 for line in lines} == {True}
    title = next(line for line in lines if "职业教育的校企合作" in line)
    assert cell_len(title[: title.index("职")]) == cell_len(lines[0][: lines[0].index("paper")])


def test_a_rebuild_that_goes_on_with_what_a_killed_one_has_left_says_so(built, write, papers, monkeypatch):
    rebuild = Workspace.rebuild
    monkeypatch.setattr(
        Workspace,
        "rebuild",
        lambda *about, **rest: replace(rebuild(*about, **rest), gone_on_from=("records", "embed")),
    )
    again = built("rebuild", write(papers[:3], "three.jsonl"), "--replace")
    assert "went on where a killed rebuild had ended, after: records, embed" in again.err


def test_a_rebuild_with_nothing_changed_embeds_nothing_and_says_so(built, write, papers):
    before = built("builds").out
    again = built("rebuild", write(papers, "four.jsonl"))
    assert "nothing has changed" in again.err
    assert "nothing embedded" in again.err
    assert built("builds").out == before


def test_only_new_texts_are_embedded(built, write):
    done = built("rebuild", write([{"id": "e", "title": "A fifth paper"}]))
    assert "5 papers in the build: 1 text embedded, 4 known from before" in done.err


def test_publish_rollback_and_prune(built, write):
    first = built("builds").out
    second = built("rebuild", write([{"id": "e", "title": "A fifth paper"}]), "--no-publish").out.strip()
    assert "not published" in built("rebuild", "--no-publish").err or second
    assert "e" not in ids(built("--id", "a", "--k", "9", "--json"))
    assert built("publish", second).code == 0
    assert "e" in ids(built("--id", "a", "--k", "9", "--json"))
    assert built("rollback").code == 0
    assert "e" not in ids(built("--id", "a", "--k", "9", "--json"))
    assert built("prune", "--keep", "1").code == 0
    assert first.split()[6] in built("builds").out or "*" in built("builds").out


def test_remove_then_rebuild_forgets_a_paper(built):
    assert built("remove", "b").code == 0
    assert built("rebuild").code == 0
    assert built("--id", "b").code == 3
    assert ids(built("--id", "a", "--k", "9", "--json")) != []


def test_replace_keeps_exactly_the_papers_of_the_files(built, write, papers):
    done = built("rebuild", write(papers[2:], "two.jsonl"), "--replace")
    assert "2 papers that are in none of the files were removed" in done.err
    assert ids(built("--id", "c", "--json")) == ["d"]


def test_show_and_library_tell_what_was_imported(built):
    shown = built("show", "a")
    assert "市域产教联合体推动职业教育与产业协同发展。" in shown.out
    assert json.loads(built("show", "a", "--json").out)["language"] == "zh"
    assert json.loads(built("library", "--json").out)["languages"] == {"zh": 2, "en": 2}


def test_a_new_machine_answers_from_the_sample_and_says_so(call):
    first = call("--id", "9", "--k", "5", "--json")
    assert first.code == 0
    assert "built the bundled sample of 360 papers" in first.err
    assert len(ids(first)) == 5
    assert "bundled sample" not in call("--id", "9").err


def test_a_user_s_first_rebuild_takes_the_place_of_the_sample(call, write, papers):
    call("--id", "9")
    assert call("rebuild", write(papers)).code == 0
    assert call("--id", "9").code == 3
    assert ids(call("--id", "a", "--json"))[0] == "b"


def test_an_imported_library_without_a_build_says_what_to_do(call, write, papers):
    assert call("import", write(papers)).code == 0
    failed = call("--id", "a")
    assert (failed.code, failed.err.count("\n")) == (4, 1)
    assert "recommend rebuild" in failed.err


def test_the_sample_answers_until_the_library_has_a_build_and_says_so(call, write, papers):
    assert "no build yet" not in call("--id", "9").err
    assert call("rebuild", write("{broken", "x.jsonl")).code == 2
    assert "no build yet" not in call("--id", "9").err  # nothing was imported
    assert call("import", write(papers)).code == 0
    answered = call("--id", "9")
    assert answered.code == 0
    assert "your papers are in no build yet" in answered.err


def test_papers_of_another_file_that_are_replaced_are_counted(call, write):
    assert call("import", write("First abstract.\nSecond abstract.\n", "a.txt")).code == 0
    again = call("import", write("Third abstract.\nFourth abstract.\n", "b.txt"))
    assert "2 of the changed papers came from other files before" in again.err


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("rolback", "rollback"),
        ("publsh 20261128T174533Z", "publish"),
        ("bild", "builds"),
        ("rebild papers.jsonl more.jsonl others.ris last.csv --replace", "rebuild"),
        ("shw a", "show"),
    ],
)
def test_a_mistyped_command_is_refused_and_asks_for_no_papers(built, line, command):
    refused = built(*line.split())
    word = line.split()[0]
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        f"error: there is no command {word!r}: did you mean {command!r}?"
        f" To ask for papers about it: recommend similar {word}\n"
    )
    assert built("similar", word).code == 0


def test_a_mistyped_command_builds_no_sample(call, home):
    assert call("rolback").code == 2
    assert not home.exists()


@pytest.mark.parametrize("line", ["bees", "training of rural teachers", "Exports of wood", "--k 1 rolback"])
def test_a_text_is_a_text_though_it_begins_as_a_command_might(built, line):
    assert built(*line.split()).code == 0


def test_a_word_of_the_papers_is_a_question_however_like_a_command_it_is(built, write):
    assert built("evaluation").code == 2
    assert built("rebuild", write([{"id": "e", "title": "Evaluation of bees"}])).code == 0
    assert built("evaluation").code == 0


@pytest.fixture
def other_model(tmp_path):
    """A model that answers as `fast` does, but is another."""
    folder = shutil.copytree(bundled("models", "fast"), tmp_path / "other")
    (folder / "1_Normalize" / "config.json").open("a").write("\n")
    return folder


def test_a_change_of_model_is_said(built, other_model):
    told = built("rebuild", "--model", other_model).err
    assert "the model changes from fast to " in told
    assert f"model {other_model}\n" in told


def test_a_rebuild_keeps_the_model_of_the_current_build_and_says_so(built, other_model, write, papers):
    assert "model fast, that of the build before; another one: --model NAME" in built("rebuild").err
    assert built("rebuild", "--model", other_model).code == 0
    again = built("rebuild", write([*papers, {"id": "e", "title": "Bees"}]))
    assert f"model {other_model}, that of the build before" in again.err
    assert "the model changes" not in again.err
    newest, *_ = json.loads(built("builds", "--json").out)
    assert (newest["model"], newest["current"], newest["n_papers"]) == (str(other_model), True, 5)
    assert "the model changes from " in built("rebuild", "--model", "fast").err


def test_the_first_rebuild_says_that_its_model_is_the_default(call, write, papers):
    assert "model fast, the default\n" in call("rebuild", write(papers)).err


def test_a_rebuild_whose_model_is_gone_is_refused_before_anything_is_imported(built, other_model, write):
    assert built("rebuild", "--model", other_model).code == 0
    shutil.rmtree(other_model)
    refused = built("rebuild", write([{"id": "e", "title": "Bees"}]))
    assert refused.code == 2
    assert f"there is no model folder {other_model}; the current build was made with it" in refused.err
    assert "choose another with --model" in refused.err
    assert built("show", "e").code == 3
    assert built("rebuild", "--model", "fast").code == 0


def test_a_rebuild_says_that_it_keeps_the_engine_and_the_recall_that_were_chosen(built, write):
    chosen = built("rebuild", "--engine", "flat", "--recall", "0.97")
    assert (chosen.code, "that of the build before; another one: --engine" in chosen.err) == (0, False)
    kept = built("rebuild", write([{"id": "e", "title": "Bees"}]))
    assert "engine flat, that of the build before; another one: --engine NAME\n" in kept.err
    assert "recall 0.97, that of the build before; another one: --recall SHARE\n" in kept.err
    assert "engine" not in built("rebuild", "--engine", "faiss", "--recall", "0.99").err
    assert "engine" not in built("rebuild", write([{"id": "f", "title": "Ants"}])).err


@pytest.mark.parametrize("recall", ["much", 0.5, 2, True, None, [0.97]])
def test_a_recall_that_no_engine_can_be_told_is_not_kept(built, home, recall):
    manifest = home / "builds" / (home / "builds" / "CURRENT").read_text().strip() / "manifest.json"
    manifest.write_text(json.dumps({"model": "fast", "engine": "flat", "recall_target": recall}))
    assert Workspace(Settings(home=home)).choices() == Choices(engine="flat", recall=0.99)


def test_a_build_of_another_version_still_names_the_model(built, home):
    manifest = home / "builds" / (home / "builds" / "CURRENT").read_text().strip() / "manifest.json"
    manifest.write_text(json.dumps({"format": 1, "model": "quality"}))
    assert Workspace(Settings(home=home)).choices() == Choices(model="quality")
    manifest.write_text("damaged")
    assert "the default: that of the current build cannot be read" in built("rebuild").err


def test_a_model_for_a_look_up_is_refused_rather_than_ignored(built):
    failed = built("--id", "a", "--model", "fast")
    assert (failed.code, failed.err.count("\n")) == (2, 1)


def test_an_id_in_another_unicode_form_is_the_same_id(built, write):
    assert built("rebuild", write([{"id": "caf\u00e9", "title": "Coffee and bees"}])).code == 0
    assert built("--id", "cafe\u0301").code == 0


def test_an_empty_home_is_that_of_the_environment(built):
    assert built("library", "--home", "", "--json").out == built("library", "--json").out != ""


def test_nothing_at_all_shows_the_help(call):
    shown = call()
    assert shown.code == 0
    assert "recommend --id 9 --k 5" in shown.out


def test_the_version_is_shown(call):
    assert call("--version").out.startswith("recommend 0.")


def run_process(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "recommender", *arguments],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_shell_completes_commands(home):
    done = run_process(_RECOMMEND_COMPLETE="complete_bash", COMP_WORDS="recommend reb", COMP_CWORD="1")
    assert "rebuild" in done.stdout


def test_a_closed_pipe_is_no_error(built, home):
    command = f'"{sys.executable}" -m recommender --id a --json | head -c 1'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_an_interrupt_publishes_nothing_and_says_so(built, home, monkeypatch):
    from recommender.embedding.static import StaticEmbedder

    def interrupted(self, texts):
        raise KeyboardInterrupt

    before = built("--id", "a", "--json").out
    (home / "embeddings").rename(home / "gone")
    monkeypatch.setattr(StaticEmbedder, "encode", interrupted)
    stopped = built("rebuild", "--force")
    assert stopped.code == 130
    assert stopped.err == "error: interrupted; nothing was published\n"
    assert built("--id", "a", "--json").out == before
    assert {path.name for path in (home / "builds").glob(".*")} <= {CHECKED}


@pytest.mark.parametrize("heavy", ["numpy", "faiss", "torch", "sentence_transformers", "tokenizers"])
def test_an_answer_by_id_imports_nothing_heavy(built, heavy):
    code = (
        "import sys; from recommender.main import run;"
        f" run(['--id', 'a']); sys.exit({heavy!r} in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0


def test_a_reason_stands_in_every_format(built):
    results = json.loads(built("--id", "a", "--why", "--json").out)["results"]
    for result in results:
        why = result["why"]
        parts = [why[name] for name in ("meaning", "words", "usual", "neighbours", "unlike", "age")]
        assert round(sum(parts), 6) == result["score"]
    text = built("--id", "a", "--why", "--format", "csv").out.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert all("meaning" in row["why"] for row in rows)
    assert "meaning" in built("--id", "a", "--why").out
    assert "why" not in json.loads(built("--id", "a", "--json").out)["results"][0]


def test_several_ids_are_a_reading_list(built):
    answer = built("--id", "a", "--id", "c", "--json")
    assert {"a", "c"} & {*ids(answer)} == set()
    content = json.loads(answer.out)
    assert (content["query"], content["asked"]) == (None, {"like": ["a", "c"]})


def test_filters_narrow_and_say_so(built):
    every = ids(built("--id", "a", "--json"))
    assert ids(built("--id", "a", "--exclude", every[0], "--json")) == every[1:]
    assert ids(built("--id", "a", "--lang", "any", "--json")) == every
    wrong = built("--id", "a", "--venue", "No Such Journal")
    assert (wrong.code, "no paper has the venue 'No Such Journal'" in wrong.err) == (2, True)


def test_nothing_similar_enough_is_an_answer(built):
    answer = built("--id", "a", "--min-similarity", "0.999999")
    assert (answer.code, answer.out) == (0, "")
    assert "found 0 similar papers of at least 99.99 %" in answer.err


def test_unrelated_papers_do_not_fill_a_list_silently(built):
    results = json.loads(built("--id", "a", "--json").out)["results"]
    n_unrelated = sum(result["label"] == "unrelated" for result in results)
    assert n_unrelated >= 1
    assert f"{n_unrelated} of them unrelated" in built("--id", "a").err
    assert "unrelated" not in built("--id", "a", "--k", "1").err


def test_a_text_that_is_the_id_of_a_paper_is_answered_and_says_so(built, write):
    assert "there is a paper 'a'; its similar ones: --id a\n" in built("a").err
    assert "there is a paper" not in built("b a").err
    row = {"id": "doi:10.1/x y", "abstract": "bees and flowers", "authors": ["Ma Na"]}
    assert built("rebuild", write(json.dumps(row), "one.jsonl")).code == 0
    answer = built("doi:10.1/x y", "--json")
    assert "there is a paper 'doi:10.1/x y'; its similar ones: --id 'doi:10.1/x y'\n" in answer.err
    assert len(ids(answer)) > 1
    assert ids(built("na ma", "--k", "1", "--json")) == ["doi:10.1/x y"]


def test_what_was_made_without_publishing_is_then_published_and_not_made_again(built, write):
    first = json.loads(built("builds", "--json").out)[0]["build_id"]
    made = built("rebuild", write([{"id": "e", "title": "A fifth paper"}]), "--no-publish").out.strip()
    again = built("rebuild", "--no-publish")
    assert again.out.strip() == made
    assert f"build {made} was made of the very same before (gate: not judged)" in again.err
    assert f"build {made} is ready, not published" in again.err
    then = built("rebuild")
    assert (then.out.strip(), f"build {made} is current" in then.err) == (made, True)
    assert {entry["build_id"] for entry in json.loads(built("builds", "--json").out)} == {first, made}
    assert built("rollback").code == 0


def test_the_list_of_builds_marks_what_answers_and_what_a_rollback_returns_to(built, write):
    first = json.loads(built("builds", "--json").out)[0]["build_id"]
    built("rebuild", write([{"id": "e", "title": "A fifth paper"}]), "--no-publish")
    third = built("rebuild", write([{"id": "f", "title": "A sixth paper"}])).out.strip()
    listed = json.loads(built("builds", "--json").out)
    assert [entry["build_id"] for entry in listed if entry["current"]] == [third]
    assert [entry["build_id"] for entry in listed if entry["previous"]] == [first]
    shown = {line.split()[1]: line.split()[0] for line in built("builds").out.splitlines() if " 2" in line}
    assert (shown[third], shown.get(first)) == ("*", "<")
    assert built("rollback").err.strip() == f"build {first} is current"
