"""A way to an HTTP server on which a call fails on demand: lost, cut short, answered by somebody else."""

import http.client
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Body = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """Happens once, to the first call that fits.

    `before` and `after` are answers given in place of the server's: (status, headers, body), or () for a connection
    that closes. `rewrite` changes what the server is told. `silent`: nothing is passed on, and nothing is said.
    """

    fits: Callable[[str, Body], bool]
    before: tuple[()] | tuple[int, dict[str, str], Any] | None = None
    after: tuple[()] | tuple[int, dict[str, str], Any] | None = None
    rewrite: Callable[[Body], Body] | None = None
    silent: bool = False


@dataclass
class FaultyWay:
    """Stands in front of a server; `passed` are the last calls that came this way."""

    url: str
    target: str
    passed: deque[tuple[str, Body]] = field(default_factory=lambda: deque(maxlen=1000))
    ended: threading.Event = field(default_factory=threading.Event)
    _rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, rule: Rule) -> None:
        """Let this happen to the next call that fits."""
        with self._lock:
            self._rules.append(rule)

    def take(self, path: str, body: Body) -> Rule | None:
        """The rule for a call, which is used up."""
        with self._lock:
            rule = next((rule for rule in self._rules if rule.fits(path, body)), None)
            if rule is not None:
                self._rules.remove(rule)
            return rule


@contextmanager
def faulty_way(target: str) -> Iterator[FaultyWay]:
    """Open a way to the target on a free port."""
    way = FaultyWay("", target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            body = json.loads(content) if content else {}
            way.passed.append((self.path, body))
            rule = way.take(self.path, body)
            if rule is not None and rule.silent:
                self.close_connection = True
                way.ended.wait()
                return
            if rule is not None and rule.before is not None:
                self._say(rule.before)
                return
            if rule is not None and rule.rewrite is not None:
                content = json.dumps(rule.rewrite(body)).encode()
            answer = self._passed_on(content)
            self._say(answer if rule is None or rule.after is None else rule.after)

        do_GET = do_POST  # noqa: N815 -- a name that the base class looks for

        def _passed_on(self, content: bytes) -> tuple[int, dict[str, str], bytes]:
            where = urlsplit(way.target)
            headers = {
                k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "content-length")
            }
            with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)) as connection:
                connection.request(self.command, self.path, content or None, headers)
                answer = connection.getresponse()
                kept = {k: v for k, v in answer.getheaders() if k in ("Content-Type", "Retry-After", "Date")}
                return answer.status, kept, answer.read()

        def _say(self, answer: tuple[()] | tuple[int, dict[str, str], Any]) -> None:
            if not answer:
                self.close_connection = True
                return
            status, headers, body = answer
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response_only(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        way.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield way
        finally:
            way.ended.set()
            server.shutdown()
