"""Odoo on a socket: JSON-2 for programs, and `/_people/` for what people do in its screens."""

import hmac
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from erp_adapters.sandbox.odoo.ledger import Ledger
from erp_adapters.sandbox.odoo.methods import PEOPLE, NothingKept, call
from erp_adapters.sandbox.odoo.refusals import Refusal, not_found, unprocessable

_NO_DATABASE = b"<!DOCTYPE html>\n<title>404 Not Found</title>\n<p>No database is selected.</p>\n"
_VERSION = {"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}


@dataclass(frozen=True)
class House:
    """One database and the keys that open it; `people` is the key of those who work in its screens."""

    ledger: Ledger
    database: str
    key: str = field(repr=False)
    people: str = field(repr=False)


class Server(ThreadingHTTPServer):
    """Listens; calls in flight are finished before it is closed."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], house: House) -> None:
        """Listen on the address; port 0 takes a free one."""
        super().__init__(address, Handler)
        self.house = house

    def server_bind(self) -> None:
        """Bind without asking any name server who we are: that can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def start(self) -> None:
        """Begin to serve, in a thread of its own."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    """Turns bytes into a call and its value into bytes."""

    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 120
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Tell the version."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == "/json/version":
            self._send(200, _VERSION)
        else:
            self._send(404, not_found("nothing is here").body)

    def do_POST(self) -> None:
        """Answer a call."""
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        house = self.server.house
        if self.headers.get("X-Odoo-Database") != house.database:
            self._send(404, _NO_DATABASE)
            return
        try:
            with house.ledger.transaction() as work:
                answer = self._answer(work, _body(content))
        except NothingKept as undone:
            self._send(200, undone.answer)
        except Refusal as refusal:
            self._send(refusal.status, refusal.body)
        else:
            self._send(200, answer)

    def _answer(self, work: Any, body: dict[str, Any]) -> Any:  # noqa: ANN401 -- any method's value
        house = self.server.house
        given = self.headers.get("Authorization", "").partition(" ")[2]
        is_people = hmac.compare_digest(given.encode(), house.people.encode())
        if not is_people and not hmac.compare_digest(given.encode(), house.key.encode()):
            raise Refusal(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
        match self.path.split("/")[1:]:
            case ["json", "2", model, method]:
                return call(work, model, method, body)
            case ["_people", verb] if is_people and verb in PEOPLE:
                return PEOPLE[verb](work, body)
            case _:
                raise not_found("nothing is here")

    def _send(self, status: int, body: object) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, bytes) else "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Keep quiet: the ledger says what happened."""


def _body(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content or b"{}")
    except ValueError as unreadable:
        raise unprocessable("the body is not JSON") from unreadable
    if not isinstance(body, dict):
        raise unprocessable("the body is no object")
    return body
