"""A real server, and clients who are slow, long, many, or rude."""

import socket
import threading
import time
from contextlib import ExitStack, closing, contextmanager

import pytest
import uvicorn

from recommender.presentation.web import wire
from recommender.presentation.web.run import configured, listen
from recommender.presentation.web.site import Limits, Site

pytestmark = pytest.mark.loopback
LIMIT = 0.4  # seconds
LATE = 503  # a busy machine may not have an answer within the limit, and has it when asked again
PATIENT = 10.0  # seconds, on a machine that is busy


@pytest.fixture(scope="module")
def port(workspace):
    """The port of a server that waits for nothing longer than the limit."""
    site = Site(limits=Limits(seconds=LIMIT))
    server = uvicorn.Server(configured(workspace, site))
    listening = listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture
def connect(port):
    """Open connections, which are closed at the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENT))


def rest_of(connection):
    """Return all that comes until the other side closes."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def more_of(connection):
    """Return what comes next of an answer that is not complete."""
    part = connection.recv(65536)
    assert part, "the connection was closed"
    return part


def answer(connection):
    """Return the status and the body of one answer."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += more_of(connection)
    head, _, body = found.partition(b"\r\n\r\n")
    (length,) = (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    while len(body) < length:
        body += more_of(connection)
    return int(head.split()[1]), body


def ask(connection, path="/healthz"):
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return answer(connection)[0]


@pytest.mark.parametrize(
    "beginning", [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-", b"\r\n" * 20]
)
def test_a_request_that_does_not_go_on_is_given_up(connect, beginning):
    connection = connect()
    connection.sendall(beginning)
    assert rest_of(connection) == b""


def drip(connection, part):
    """Send a part again and again, until the other side has closed; return the seconds."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENT:
        try:
            connection.sendall(part)
        except OSError:
            return time.monotonic() - began
        time.sleep(0.02)
    return PATIENT


@pytest.mark.parametrize("part", [b"X-a: b\r\n", b"\r\n"], ids=["headers", "blank lines"])
def test_a_head_that_comes_drop_by_drop_is_given_up(connect, part):
    connection = connect()
    connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" if part.startswith(b"X") else b"\r\n")
    assert drip(connection, part) < PATIENT


def test_so_is_a_second_one_on_the_same_connection(connect):
    connection = connect()
    assert ask(connection) == 200
    assert drip(connection, b"\r\n") < PATIENT


def test_a_body_that_comes_drop_by_drop_is_refused(connect):
    connection = connect()
    connection.sendall(b"POST /similar HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
    assert answer(connection)[0] == 408
    assert drip(connection, b" ") < PATIENT


def test_who_keeps_the_pace_keeps_the_connection(connect):
    connection = connect()
    for _ in range(4):
        assert ask(connection) == 200
        time.sleep(LIMIT / 2)
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    assert answer(connection)[0] == 200


def test_a_long_address_is_a_question(connect):
    connection, path = connect(), f"/advanced?q=bees+{'pesticides+' * 1500}"
    statuses = (ask(connection, path) for _ in range(20))
    assert next(status for status in statuses if status != LATE) == 200


@pytest.mark.parametrize(
    "rude",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA\x00: b\r\n\r\n", b"GET / HTTP/1.1\r\nA : b\r\n\r\n",
        b"POST /similar HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /similar HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_and_the_server_goes_on(connect, rude):
    connection = connect()
    connection.sendall(rude)
    found = rest_of(connection)
    assert found == b"" or 400 <= int(found.split()[1]) < 500
    assert ask(connect()) == 200


@pytest.mark.parametrize(
    "path", ["/static/x/../../guard.py", "/static/../guard.py", "/../../etc/passwd", "//etc/passwd"]
)
def test_no_path_that_is_sent_as_it_is_leads_to_another_file(connect, path):
    assert ask(connect(), path) == 404


def test_many_slow_ones_do_not_keep_the_others_out(connect):
    slow = [connect() for _ in range(100)]
    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\nX-")
    assert ask(connect()) == 200
    assert [rest_of(connection) for connection in slow] == [b""] * 100


@contextmanager
def serving_with(protocol, app):
    """Serve an application of a test's own; yield the address."""
    config = uvicorn.Config(app, http=protocol, lifespan="off", log_config=None, timeout_keep_alive=300)
    server = uvicorn.Server(config)
    with closing(listen("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            server.should_exit = server.force_exit = True
            thread.join(30)


async def short(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body"})


async def large(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(64):
        await send({"type": "http.response.body", "body": bytes(1 << 20), "more_body": True})
    await send({"type": "http.response.body"})


def test_a_head_without_end_is_refused_long_before_its_time():
    lines = b"X-a: " + b"b" * 8000 + b"\r\n"
    found = b""
    with (
        serving_with(wire.bounded(60.0), short) as place,
        socket.create_connection(place, PATIENT / 3) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        try:
            for _ in range(3 * wire.LONGEST_HEAD // len(lines)):
                connection.sendall(lines)
            found = connection.recv(99)
        except (BrokenPipeError, ConnectionResetError):
            pass  # closed while it was being sent
    assert found[:12] in (b"", b"HTTP/1.1 431")


def test_who_never_fetches_an_answer_loses_it():
    ended = threading.Event()

    class Watched(wire.Bounded):
        seconds = LIMIT

        def connection_lost(self, exc):
            super().connection_lost(exc)
            ended.set()

    with serving_with(Watched, large) as place, socket.create_connection(place) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert ended.wait(PATIENT)


def test_one_connection_more_than_there_may_be_is_closed():
    with serving_with(wire.bounded(60.0, most=3), short) as place, ExitStack() as stack:
        few = [stack.enter_context(socket.create_connection(place, PATIENT)) for _ in range(3)]
        assert [ask(connection) for connection in few] == [200] * 3
        one_more = stack.enter_context(socket.create_connection(place, PATIENT))
        assert rest_of(one_more) == b""
        assert ask(few[0]) == 200
