"""Odoo on a socket: JSON-2 and JSON-RPC for programs, and `/_people/` for what people do in its screens."""

import hmac
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from erp_adapters.sandbox.caller import Caller
from erp_adapters.sandbox.odoo.faults import REPERTOIRE, Said, asked, bent, instead
from erp_adapters.sandbox.odoo.ledger import Ledger
from erp_adapters.sandbox.odoo.methods import PEOPLE, NothingKept, call
from erp_adapters.sandbox.odoo.refusals import Refusal, not_found, unprocessable
from erp_adapters.sandbox.odoo.rpc import Opened, opened, wrapped
from erp_adapters.sandbox.plane import FaultPlan, Kind, Rule, control, play

_NO_DATABASE = b"<!DOCTYPE html>\n<title>404 Not Found</title>\n<p>No database is selected.</p>\n"
_FAULTS = "/_control/faults"
_VERSION = {"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}


@dataclass(frozen=True)
class House:
    """One database and the keys that open it; `people` is the key of those who work in its screens."""

    ledger: Ledger
    database: str
    key: str = field(repr=False)
    people: str = field(repr=False)
    plan: FaultPlan = field(default_factory=lambda: FaultPlan(REPERTOIRE))


class Server(ThreadingHTTPServer):
    """Listens; calls in flight are finished before it is closed."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], house: House) -> None:
        """Listen on the address; port 0 takes a free one."""
        super().__init__(address, Handler)
        self.house = house
        self.stopping = threading.Event()

    def shutdown(self) -> None:
        """Wake those who wait, and take no more."""
        self.stopping.set()
        super().shutdown()

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
        """Tell the version, or people what can fail and what has."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == "/json/version":
            self._send(200, _VERSION)
        elif self.path == _FAULTS and self._is_people():
            self._send(*control(self.server.house.plan, "GET", None))
        else:
            self._send(404, not_found("nothing is here").body)

    def do_POST(self) -> None:
        """Answer a call."""
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == _FAULTS and self._is_people():
            self._plan(content)
            return
        if self.path == "/jsonrpc":
            self._answer_rpc(content)
            return
        if self.headers.get("X-Odoo-Database") != self.server.house.database:
            self._send(404, _NO_DATABASE)
            return
        try:
            is_people, body = self._admitted(), _body(content)
        except Refusal as refusal:
            self._send(refusal.status, refusal.body)
            return
        self._tell(self._said(self.path, body, is_people=is_people))

    def _answer_rpc(self, content: bytes) -> None:
        house = self.server.house
        try:
            call_ = opened(_body(content), house.database, house.key)
        except Refusal:
            self._send(400, b"Invalid JSON data")
            return
        if not isinstance(call_, Opened):
            self._send(200, call_)
            return
        said = self._said(call_.path, call_.body, is_people=False)
        if said is None or isinstance(said.body, bytes):  # a page of what stands in front of Odoo
            self._tell(said)
        else:
            self._send(200, wrapped(said.body, ok=said.status == HTTPStatus.OK), said.headers)

    def _tell(self, said: Said | None) -> None:
        if said is None:
            self.close_connection = True
        else:
            self._send(said.status, said.body, said.headers)

    def _plan(self, content: bytes) -> None:
        try:
            self._send(*control(self.server.house.plan, "POST", _body(content)))
        except Refusal as refusal:
            self._send(refusal.status, refusal.body)

    def _admitted(self) -> bool:
        """Tell whether the key is that of people; raise a refusal for a stranger's."""
        if not self._is_people() and not self._bears(self.server.house.key):
            raise Refusal(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
        return self._is_people()

    def _is_people(self) -> bool:
        return self._bears(self.server.house.people)

    def _bears(self, key: str) -> bool:
        given = self.headers.get("Authorization", "").partition(" ")[2]
        return hmac.compare_digest(given.encode(), key.encode())

    def _said(self, path: str, body: dict[str, Any], *, is_people: bool) -> Said | None:
        """The answer, with what the fault plan makes of it; people's own calls never fail."""
        call_ = asked(path, body)
        rule = None if is_people else self.server.house.plan.draw(call_)
        caller = Caller(self.connection, self.server.stopping)
        return play(
            rule,
            caller,
            lambda: self._done(path, is_people, bent(body, rule), rule),
            lambda rule: instead(rule, call_.operation),
        )

    def _done(self, path: str, is_people: bool, body: dict[str, Any], rule: Rule | None) -> Said:  # noqa: FBT001 -- as above
        stale = rule.seconds if rule is not None and rule.kind is Kind.STALE_READ else None
        try:
            with self.server.house.ledger.transaction(stale or 0) as work:
                return Said(200, self._answer(work, path, is_people, body))
        except NothingKept as undone:
            return Said(200, undone.answer)
        except Refusal as refusal:
            return Said(refusal.status, refusal.body)

    def _answer(self, work: Any, path: str, is_people: bool, body: dict[str, Any]) -> Any:  # noqa: ANN401, FBT001 -- any method's value
        match path.split("/")[1:]:
            case ["json", "2", model, method]:
                return call(work, model, method, body)
            case ["_people", verb] if is_people and verb in PEOPLE:
                return PEOPLE[verb](work, body)
            case _:
                raise not_found("nothing is here")

    def _send(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, bytes) else "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
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
