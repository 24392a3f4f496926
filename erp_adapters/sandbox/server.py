"""The ERP on a socket: HTTP/1.1 with keep-alive, one thread per connection, a stop that finishes work."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qs

from erp_adapters.sandbox.answers import Answer, RefusedError, error
from erp_adapters.sandbox.caller import Caller
from erp_adapters.sandbox.door import Request
from erp_adapters.sandbox.erp import Erp

LARGEST_BODY = 4 * 1024 * 1024
LARGEST_PASSED_OVER = 16 * LARGEST_BODY
FINISH_WITHIN_S = 10


class Server(ThreadingHTTPServer):
    """Listens, and knows how many requests are being worked on."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], erp: Erp, handler: "type[Handler] | None" = None) -> None:
        """Listen on the address; port 0 takes a free one."""
        super().__init__(address, handler or Handler)
        self.erp = erp
        self.stopping = threading.Event()
        self._busy = 0
        self._changed = threading.Condition()

    @contextmanager
    def working(self) -> Iterator[bool]:
        """Count one request as being worked on; False: the ERP stops and takes no more."""
        with self._changed:
            admitted = not self.stopping.is_set()
            self._busy += 1
        try:
            yield admitted
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def server_bind(self) -> None:
        """Bind without asking any name server who we are: that can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def start(self) -> None:
        """Begin to serve, in a thread of its own."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        threading.Thread(target=self._work_off, daemon=True).start()

    def _work_off(self) -> None:
        """Do what was put aside when its time comes."""
        while True:
            self.erp.put_aside.clear()
            with self.working() as admitted:
                if not admitted:
                    return
                wait = self.erp.work_off()
            self.erp.put_aside.wait(None if wait is None else wait.total_seconds())

    def stop(self) -> None:
        """Take no more, wake those who wait, and finish what was begun."""
        with self._changed:
            self.stopping.set()
        self.erp.put_aside.set()
        self.shutdown()
        self.server_close()
        with self._changed:
            self._changed.wait_for(lambda: self._busy == 0, FINISH_WITHIN_S)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base class's signature
        """Say nothing about callers that left; that is their right."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Turns bytes into a request and an answer into bytes."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "SandboxERP/1.0"
    timeout = 120
    wbufsize = -1  # one packet for head and body ...
    disable_nagle_algorithm = True  # ... that leaves at once: without it 22 requests a second

    def do_GET(self) -> None:
        """Answer a request, whatever its method."""
        with self.server.working() as admitted:
            if not admitted:
                self.close_connection = True
                self._send(error(503, "UNAVAILABLE", "The ERP stops."))
                return
            try:
                answer = self._answer()
            except RefusedError as refused:
                self.close_connection = True
                answer = self.server.erp.refuse(refused)
            if answer is None:
                self.close_connection = True
            else:
                self._send(answer)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - names that the base class looks for

    def _answer(self) -> Answer | None:
        body = self._read_body()
        path, _, query = self.path.partition("?")
        request = Request(
            method=self.command,
            path=path,
            query=parse_qs(query),
            body=body,
            api_key=self.headers.get("X-Api-Key", ""),
            control_key=self.headers.get("X-Control-Key", ""),
        )
        return self.server.erp.answer(request, Caller(self.connection, self.server.stopping))

    def _read_body(self) -> bytes:
        stated = self.headers.get("Content-Length", "")
        if not stated:
            if self.command in ("POST", "PUT", "PATCH") or "Transfer-Encoding" in self.headers:
                raise RefusedError(411, "LENGTH_REQUIRED", "A body needs Content-Length.")
            return b""
        if not (stated.isascii() and stated.isdigit()):
            raise RefusedError(400, "VALIDATION_FAILED", "Content-Length must be a number.")
        if len(stated) > len(str(LARGEST_BODY)) or int(stated) > LARGEST_BODY:
            self._pass_over(int(stated[:12]))
            raise RefusedError(413, "TOO_LARGE", f"A body may have {LARGEST_BODY} bytes.")
        body = self.rfile.read(int(stated))
        if len(body) < int(stated):
            raise ConnectionAbortedError
        return bytes(body)

    def _pass_over(self, size: int) -> None:
        """Read a body that nobody wants, within reason: a caller that still sends may not see the answer."""
        left = min(size, LARGEST_PASSED_OVER)
        while left > 0 and (chunk := self.rfile.read(min(left, 65_536))):
            left -= len(chunk)

    def _send(self, answer: Answer) -> None:
        content = json.dumps(answer.body, ensure_ascii=False).encode("utf-8", "replace")
        self._send_content(answer, content, "application/json; charset=utf-8")

    def _send_content(self, answer: Answer, content: bytes, kind: str) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection or self.server.stopping.is_set():
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not HTTP at all in the same form as everything else."""
        self.close_connection = True
        said = message or explain or HTTPStatus(code).phrase
        self._send(error(code, "BAD_REQUEST", said))

    def version_string(self) -> str:
        """Name the product, and not the Python beneath it."""
        return self.server_version

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet: the ledger says what happened."""
