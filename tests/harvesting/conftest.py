"""A small OAI-PMH repository on the loopback interface, whose answers a test decides."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    "<responseDate>{now}</responseDate>"
)
DC = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


class Repository:
    """Records with dates, in pages of two.

    Attributes:
        asked: The arguments of every request, in order.
        failing: What the next requests are answered with instead: a status, or a text.
    """

    def __init__(self):
        self.records = {}
        self.asked = []
        self.failing = []
        self.now = "2026-11-24T02:15:00Z"
        self.granularity = "YYYY-MM-DDThh:mm:ssZ"

    def put(self, name, title, date, *, deleted=False):
        self.records[name] = (title, date, deleted)

    def answer(self, arguments):
        head = HEAD.format(now=self.now)
        if arguments["verb"] == "Identify":
            return f"{head}<Identify><granularity>{self.granularity}</granularity></Identify></OAI-PMH>"
        since, start = arguments.get("from", ""), 0
        if token := arguments.get("resumptionToken"):
            since, _, place = token.partition("|")
            start = int(place)
        wanted = [entry for entry in sorted(self.records.items()) if entry[1][1] >= since]
        if not wanted:
            return f'{head}<error code="noRecordsMatch">none</error></OAI-PMH>'
        page = "".join(record(name, *fields) for name, fields in wanted[start : start + 2])
        more = f"{since}|{start + 2}" if start + 2 < len(wanted) else ""
        return f"{head}<ListRecords>{page}<resumptionToken>{more}</resumptionToken></ListRecords></OAI-PMH>"


def record(name, title, date, deleted):
    header = f"<identifier>{name}</identifier><datestamp>{date}</datestamp>"
    if deleted:
        return f'<record><header status="deleted">{header}</header></record>'
    metadata = f"<oai_dc:dc {DC}><dc:title>{title}</dc:title></oai_dc:dc>"
    return f"<record><header>{header}</header><metadata>{metadata}</metadata></record>"


@pytest.fixture
def repository():
    state = Repository()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            arguments = dict(parse_qsl(urlsplit(self.path).query))
            state.asked.append(arguments)
            failure = state.failing.pop(0) if state.failing else None
            if isinstance(failure, int):
                self.send_response(failure)
                self.send_header("Retry-After", "7")
                self.send_header("Location", "ftp://127.0.0.1/oai")
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write((failure or state.answer(arguments)).encode())

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/oai"
    yield state
    server.shutdown()
    server.server_close()
