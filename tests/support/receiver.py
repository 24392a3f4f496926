"""A receiver of CloudEvents on a real socket: keeps what it takes by id, and misbehaves when told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

BATCH: Final = "application/cloudevents-batch+json"


class Receiver:
    """Takes events; `answers` are the statuses of the next requests, 0 for one whose answer is lost."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.events: dict[str, dict[str, Any]] = {}
        self.order: list[int] = []
        self.answers: list[int] = []
        self.refused: set[int] = set()
        self.lock = threading.Lock()
        self.url = ""

    def take(self, headers: dict[str, str], content: bytes) -> int:
        """Keep what a request brings; returns the status, 0 to answer nothing."""
        with self.lock:
            body = json.loads(content)
            events: list[dict[str, Any]] = body if headers["content-type"] == BATCH else [body]
            self.requests.append({"headers": headers, "content": content})
            status = self.answers.pop(0) if self.answers else 202
            if any(int(event["sequence"]) in self.refused for event in events):
                return 422
            if status in (0, 202):
                for event in events:
                    if event["id"] not in self.events:
                        self.events[event["id"]] = event
                        self.order.append(int(event["sequence"]))
            return status


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A running receiver."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take({name.lower(): value for name, value in self.headers.items()}, content)
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            if status == 503:
                self.send_header("Retry-After", "1")
            self.end_headers()

        def do_OPTIONS(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
