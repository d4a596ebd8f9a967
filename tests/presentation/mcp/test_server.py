"""`recommend mcp` in a process of its own, asked by the official SDK's client over stdio."""

import json
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client

ROOT = Path(__file__).resolve().parents[3]
COMMAND = ["-m", "recommender", "mcp"]


@pytest.fixture(scope="module")
def environment(tmp_path_factory, warm):
    """A home with six papers, the last of them blank."""
    folder = warm(tmp_path_factory.mktemp("home"))
    texts = {
        "a": ("产教融合的治理", "市域产教联合体推动职业教育与产业协同发展。", 2023),
        "b": ("职业教育的校企合作", "校企合作与产教融合是职业教育的基本办学模式。", None),
        "c": ("Perovskite solar cells", "We study the stability of perovskite films.", None),
        "d": ("Stability of halide perovskites", "Moisture degrades perovskite solar cells.", 2020),
        "e": ("Vocational education", "Schools and industry govern training together.", None),
        "blank": ("", "", None),
    }
    names = ("title", "abstract", "year")
    papers = [{"id": name} | dict(zip(names, text, strict=True)) for name, text in texts.items()]
    source = folder / "papers.jsonl"
    source.write_text(
        "".join(json.dumps(paper, ensure_ascii=False) + "\n" for paper in papers), encoding="utf-8"
    )
    environment = os.environ | {"RECOMMENDER_HOME": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "recommender", "rebuild", str(source)]
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return environment


@pytest.fixture
def asked(environment):
    """Ask the tools one after the other, in one conversation: `asked(("show", {"id": "a"}), …)`."""

    @asynccontextmanager
    async def connected():
        server = StdioServerParameters(command=sys.executable, args=COMMAND, env=environment)
        async with Client(stdio_client(server)) as client:
            yield client

    def ask(*calls):
        async def talk():
            with anyio.fail_after(120):
                async with connected() as client:
                    return [await client.call_tool(name, arguments) for name, arguments in calls]

        return anyio.run(talk)

    ask.connected = connected
    return ask


def test_four_tools_are_described_with_what_they_take_and_answer(asked):
    async def list_tools():
        async with asked.connected() as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in anyio.run(list_tools)}
    assert {*tools} == {"similar", "search", "show", "why"}
    for tool in tools.values():
        assert tool.description
        assert tool.annotations.read_only_hint
        assert tool.output_schema["properties"]
    assert tools["similar"].input_schema["required"] == ["ids"]
    assert {*tools["search"].input_schema["properties"]} == {"text", "k", "like", "only"}


def test_answers_are_records_and_text_in_any_language(asked):
    similar, search, show, why = asked(
        ("similar", {"ids": ["a"], "k": 1}),
        ("search", {"text": "产教融合 治理", "k": 2, "only": {"languages": ["zh"]}}),
        ("show", {"id": "a"}),
        ("why", {"id": "b", "similar_to": ["a"]}),
    )
    assert not any(reply.is_error for reply in (similar, search, show, why))
    (first,) = similar.structured_content["results"]
    assert (first["id"], first["title"], first["rank"]) == ("b", "职业教育的校企合作", 1)
    assert "职业教育的校企合作" in similar.content[0].text
    assert [result["id"] for result in search.structured_content["results"]] == ["a", "b"]
    assert show.structured_content["abstract"] == "市域产教联合体推动职业教育与产业协同发展。"
    assert show.content[0].text.startswith("产教融合的治理\n\n2023")
    reasons = why.structured_content
    assert reasons["result"]["score"] == pytest.approx(first["score"])
    parts = [reasons[name] for name in ("meaning", "words", "usual", "neighbours", "unlike", "age")]
    assert sum(parts) == pytest.approx(first["score"], abs=1e-5)
    assert (
        reasons["sentences"][0]["found"]
        in show.structured_content["abstract"]
        + "校企合作与产教融合是职业教育的基本办学模式。职业教育的校企合作"
    )
    assert "产教融合" in why.content[0].text


def test_what_cannot_be_answered_is_an_error_of_the_tool_and_the_talk_goes_on(asked):
    unknown, blank, nothing, itself, many, late, last = asked(
        ("similar", {"ids": ["没有"]}),
        ("show", {"id": "blank"}),
        ("search", {"text": "…"}),
        ("why", {"id": "a", "similar_to": ["a"]}),
        ("similar", {"ids": ["a"], "k": 1000}),
        ("similar", {"ids": ["a"], "only": {"since": 2022, "subjects": ["无"]}}),
        ("similar", {"ids": ["a"], "only": {"until": 2020}}),
    )
    assert [reply.is_error for reply in (unknown, blank, nothing, itself, many, late, last)] == [True] * 6 + [
        False
    ]
    assert "no paper '没有'" in unknown.content[0].text
    assert "paper 'blank' is known, but" in blank.content[0].text
    assert "no letter or digit" in nothing.content[0].text
    assert "cannot be compared with itself" in itself.content[0].text
    assert "less than or equal to 100" in many.content[0].text
    assert "no paper has the subject '无'" in late.content[0].text
    assert [result["id"] for result in last.structured_content["results"]] == ["d"]


def test_an_argument_that_a_tool_does_not_take_is_refused_with_those_that_it_takes(asked):
    flat, deep = asked(
        ("search", {"text": "产教融合", "lang": "zh"}), ("similar", {"ids": ["a"], "only": {"lang": ["zh"]}})
    )
    assert (flat.is_error, deep.is_error) == (True, True)
    assert "search takes no lang, but text, k, like, only" in flat.content[0].text
    assert "since, until, venues, authors, subjects, languages, exclude" in flat.content[0].text
    assert "lang" in deep.content[0].text


def test_nothing_but_the_protocol_is_on_standard_output(environment, tmp_path):
    """Even where the bundled sample has to be built first, which shows its progress."""
    opening = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "0"},
    }
    call = {"name": "similar", "arguments": {"ids": ["9"], "k": 1}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": opening},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
    ]
    fresh = environment | {"RECOMMENDER_HOME": str(tmp_path / "new")}
    command = [sys.executable, *COMMAND]
    with subprocess.Popen(
        command, env=fresh, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        for message in messages:
            server.stdin.write(json.dumps(message).encode() + b"\n")
        server.stdin.flush()
        replies = [json.loads(server.stdout.readline()) for _ in range(2)]
        server.stdin.close()
        rest, noted = server.stdout.read(), server.stderr.read().decode()
        assert server.wait(30) == 0
    assert rest == b""
    assert "built the bundled sample" in noted
    assert [reply["id"] for reply in replies] == [1, 2]
    assert replies[1]["result"]["structuredContent"]["results"][0]["id"] == "299"


def test_a_missing_extra_is_asked_for_in_one_sentence(tmp_path, monkeypatch, capsys):
    from recommender.main import run

    monkeypatch.setenv("RECOMMENDER_HOME", str(tmp_path))
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert run(["mcp"]) == 2
    assert "pip install 'recommender[mcp]'" in capsys.readouterr().err
