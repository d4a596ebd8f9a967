"""Random calls of the command line and the API: an answer or one sentence, in time, no more.

python -m tests.reliability.fuzz_calls            the short form, as the tests run it
python -m tests.reliability.fuzz_calls --long     5,000 commands and 20,000 requests
"""

import argparse
import io
import json
import random
import resource
import sys
import time
import traceback
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch
from urllib.parse import quote

import typer
from starlette.testclient import TestClient

from recommender.main import run
from recommender.presentation.cli.app import app
from recommender.presentation.cli.doctor import UNWELL
from recommender.presentation.web.app import create_app
from recommender.settings import Settings
from recommender.workspace import Workspace
from tests.reliability.fuzz import alarm

SEED = 20261127
SHORT, LONG = (100, 400), (5_000, 20_000)  # commands, requests
SECONDS = 20.0  # of the processor, for one call
MEMORY = 1 << 20  # kB that a campaign may grow by
COMMANDS = ("similar", "show", "export", "new", "library", "builds", "verify", "publish", "rollback", "prune",
            "remove", "import", "evaluate", "rebuild", "doctor", "duplicates", "map", "harvest")  # fmt: skip
LEFT_OUT = {"serve", "mcp", "train"}  # until interrupted, until standard input ends, for minutes
SPARED = {  # what writes where it is told to, leads out of the home folder, or takes minutes
    "--home", "--output", "-o", "--plot", "--write-run", "--write-qrels", "--allow-download", "--beir",
    "--against-model", "--install-completion", "--show-completion", "--model", "--engine",
}  # fmt: skip
EXPECTED = {0, 2, 3, 4, 5, 6}
VALUES = (
    "", " ", "-", "--", "a", "b", "9", "0", "-1", "1e9", "99999999999999999999", "NaN", "inf", "0.5", "x" * 5_000,
    "产教融合", "🐝", "مرحبا", "\u202e", "\x00", "\x1b[31m", "\udcff", "a\nb", "%00", "../../etc/passwd", "/dev/null", "//[",
    "2020-01-01", "2020-13-45", "0000-00-00", "20200101T000000Z", "json", "table", "ris", "zh", "en", "bees, fly",
    "q=bees", "null", "{}", "[]", "[[[[", '{"a": 1}', "true", "None", "*", "$(id)", "'; DROP TABLE papers; --", "Ａ",
)  # fmt: skip
USUAL = {  # so that not every call ends at its options
    "--k": "3", "-k": "3", "--format": "json", "--lang": "en", "--since": "2020-01-01", "--until": "2021", "--id": "a",
    "--like": "b", "--unlike": "c", "--exclude": "b", "--venue": "Bees", "--author": "B", "--subject": "physics",
    "--diversity": "0.3", "--half-life": "5", "--min-similarity": "0.5", "--keep": "2", "--follow": "a",
    "--on-damage": "previous", "--on-error": "report", "--reader": "jsonl", "--by": "length", "--worst": "1",
}  # fmt: skip
PAPERS = (
    {"id": "a", "title": "产教融合的治理", "abstract": "市域产教联合体推动职业教育发展。", "year": 2020},
    {
        "id": "b",
        "title": "Bees and pesticides",
        "abstract": "They fly.",
        "venue": "Bees",
        "authors": ["A. B"],
    },
    {
        "id": "c",
        "title": "Perovskite solar cells",
        "abstract": "The stability of films.",
        "subject": "physics",
    },
)
PATHS = ("/", "/papers/{}", "/papers/{}/similar", "/search", "/similar", "/find", "/advanced", "/export", "/embed/{}",
         "/subjects/{}", "/topics/{}", "/latest", "/new", "/feed.atom", "/static/{}/{}", "/readyz", "/metrics", "/{}",
         "/openapi.json", "/developers")  # fmt: skip
NAMES = ("q", "k", "like", "unlike", "id", "since", "until", "venue", "author", "subject", "lang", "language", "exclude",
         "diversity", "half_life", "min_similarity", "why", "format", "via", "explain", "part", "follow", "page", "hl",
         "theme", "resubmitted")  # fmt: skip
METHODS = ("GET",) * 8 + ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")


def make_home(folder: Path) -> Path:
    """Build a home folder of three papers, and return it."""
    (folder / "papers.jsonl").write_text("".join(json.dumps(paper) + "\n" for paper in PAPERS), "utf-8")
    assert said(["rebuild", str(folder / "papers.jsonl")], folder / "home")[0] == 0
    return folder / "home"


def said(arguments: list[str], home: Path, given: str = "") -> tuple[int, str]:
    """Call a command in this process; return its exit code and what it wrote on standard error."""
    out, err = io.StringIO(), io.StringIO()
    environment = {"RECOMMENDER_HOME": str(home)}
    with (
        redirect_stdout(out), redirect_stderr(err), patch.dict("os.environ", environment),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode("utf-8", "surrogateescape")))),
    ):  # fmt: skip
        code = run(arguments)
    return code, err.getvalue()


def options_of(command: str) -> list[str]:
    """Return the options of a command that may be called here."""
    group = typer.main.get_command(app)
    return sorted(
        {name for entry in group.commands[command].params for name in entry.opts if name.startswith("-")}
        - SPARED
    )


def commands(folder: Path, n: int, seed: int = SEED) -> Counter[int]:
    """Call `n` commands, each once as it is, then any of them; return how often each exit code came.

    No value is an address of the web, so that `harvest` asks nobody.

    Raises:
        AssertionError: One ended unexpectedly, said more than a line of error, or took too long.
    """
    home, chance, tally = make_home(folder), random.Random(seed), Counter[int]()
    plain = [*([command] for command in COMMANDS), ["map", str(folder / "map.html")]]
    options = {command: options_of(command) for command in COMMANDS}
    for number in range(n):
        arguments = plain[number] if number < len(plain) else call(chance, options, folder)
        command = arguments[0]
        given = chance.choice(VALUES)
        try:
            with alarm(SECONDS):
                code, err = said(arguments, home, given)
        except BaseException as problem:
            raise AssertionError(f"{arguments}: {traceback.format_exc()}") from problem
        assert code in EXPECTED, f"{arguments}: exit code {code}: {err}"
        errors = [line for line in err.splitlines() if line.startswith("error: ")]
        is_page = (
            command == "doctor" and code == UNWELL
        )  # what is not well, such as a full disk, stands on it
        assert len(errors) == (code != 0 and not is_page), f"{arguments}: {err}"
        assert "Traceback" not in err
        tally[code] += 1
    code, err = said(["import", str(folder / "papers.jsonl")], home)
    assert code == 0, err
    assert said(["rebuild"], home)[0] == 0
    assert said(["--id", "a", "--k", "1"], home)[0] == 0
    return tally


def call(chance: random.Random, options: dict[str, list[str]], folder: Path) -> list[str]:
    """Return the arguments of a random command."""
    command = chance.choice(COMMANDS)
    arguments = [command]
    for _ in range(chance.choice((0, 0, 1, 2, 3))):
        option = chance.choice([*options[command], "--nope"])
        usual = [USUAL[option]] if option in USUAL else []
        odd = [chance.choice(VALUES)] if chance.random() < 0.7 else []
        arguments += [option, *(usual if chance.random() < 0.7 else odd)]
    if command == "map" and chance.random() < 0.5:
        return [*arguments, str(folder / "map.html")]
    return [*arguments, *([chance.choice((*VALUES, "a", "b"))] if chance.random() < 0.5 else [])]


def requests(folder: Path, n: int, seed: int = SEED) -> Counter[int]:
    """Send `n` requests to the application; return how often each status came.

    Raises:
        AssertionError: One was answered with an error of the server, or took too long.
    """
    home, chance, tally = make_home(folder), random.Random(seed), Counter[int]()
    with TestClient(create_app(Workspace(Settings(home=home)))) as client:
        for _ in range(n):
            method, url, body, headers = request(chance)
            began = time.process_time()
            try:
                response = client.request(method, url, content=body, headers=headers)
            except Exception as problem:
                raise AssertionError(f"{method} {url} {body!r}: {traceback.format_exc()}") from problem
            seconds = time.process_time() - began
            assert seconds < SECONDS, f"{method} {url}: {seconds:.0f} s"
            assert response.status_code < 500, (
                f"{method} {url} {body!r}: {response.status_code} {response.text}"
            )
            kind = response.headers.get("content-type", "")
            if response.status_code >= 400 and method != "HEAD":
                assert kind.startswith(("application/problem+json", "text/html", "text/plain")), kind
            tally[response.status_code] += 1
    return tally


def request(chance: random.Random) -> tuple[str, str, bytes | None, dict[str, str]]:
    """Return method, address, body and headers of a random request."""
    path = chance.choice(PATHS)
    while "{}" in path:
        path = path.replace("{}", quoted(chance.choice((*VALUES, "a", "b"))), 1)
    pairs = (f"{chance.choice(NAMES)}={quoted(chance.choice(VALUES))}" for _ in range(chance.randrange(5)))
    method = chance.choice(METHODS)
    body = document(chance, 4).encode("utf-8", "surrogatepass") if method not in ("GET", "HEAD") else None
    headers = {"Content-Type": "application/json"} if chance.random() < 0.8 else {}
    headers["Accept"] = chance.choice(("text/html", "*/*", "application/json", "x"))
    return method, f"{path}?{'&'.join(pairs)}", body, headers


def quoted(text: str) -> str:
    """Return a text as it may stand in an address, lone surrogates as bytes that are no UTF-8."""
    return quote(text.encode("utf-8", "surrogateescape"), safe="")


def document(chance: random.Random, depth: int) -> str:
    """Return a JSON document that is about what `POST /similar` takes, or is not."""
    if chance.random() < 0.1:
        return chance.choice(VALUES) or "[" * 3_000
    names = (*NAMES, "text", "ids", "filters", "k")
    made = {chance.choice(names): value(chance, depth) for _ in range(chance.randrange(5))}
    return json.dumps(made)


def value(chance: random.Random, depth: int) -> object:
    """Return any value of JSON, and NaN."""
    match chance.randrange(7 if depth else 5):
        case 0:
            return chance.choice(VALUES)
        case 1:
            return chance.choice((0, 1, -1, 3, 10**30, True, False, None))
        case 2:
            return chance.choice((0.5, -0.0, 1e308, float("nan"), float("inf")))
        case 3:
            return [chance.choice(("a", "b", "zz")) for _ in range(chance.randrange(3))]
        case 4:
            return {"since": chance.choice((2020, "2020", -1)), "languages": ["zh"]}
        case 5:
            return [value(chance, depth - 1) for _ in range(chance.randrange(3))]
    return {chance.choice(NAMES): value(chance, depth - 1) for _ in range(chance.randrange(3))}


def main() -> None:
    """Run the campaigns of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    n_commands, n_requests = LONG if options.long else SHORT
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with TemporaryDirectory() as folder:
        print("commands, by exit code:", dict(commands(Path(folder), n_commands, options.seed)))  # noqa: T201
    with TemporaryDirectory() as folder:
        print("requests, by status:", dict(requests(Path(folder), n_requests, options.seed)))  # noqa: T201
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MEMORY, f"{grown} kB more than at the beginning"


if __name__ == "__main__":
    main()
