"""An ERP that costs next to nothing: a process that answers every POST, at once or after a time, and keeps a book.

It speaks just enough HTTP/1.1 by hand, keeps connections alive, and notes the instant at which the whole request
of an event had arrived, by the machine's monotonic clock, which all processes share.
"""

import asyncio
import json
import re
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

from tests.benchmarks.apart import Apart, Parent

_EVENT_ID: Final = re.compile(rb'"event_id": ?"([0-9a-f-]{36})"')
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ANSWER: Final = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"status":"ok"}'
_BUSY: Final = b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\n{}"
_BOOK: Final = "/book"


@dataclass
class Book:
    """What has arrived since the last clearing."""

    delay: float
    busy_every: int
    calls: int = 0
    in_hand: int = 0
    most_in_hand: int = 0


class Door(asyncio.Protocol):
    """One connection."""

    def __init__(self, book: Book, arrivals: dict[str, int]) -> None:
        self._book, self._arrivals = book, arrivals
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer without waiting for more to send."""
        self._transport = cast("asyncio.Transport", transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._buffer, 0, end)
            total = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < total:
                return
            request = bytes(self._buffer[:total])
            del self._buffer[:total]
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        if request.startswith(b"GET " + _BOOK.encode()):
            self._show_book()
            return
        book = self._book
        book.calls += 1
        if book.busy_every and book.calls % book.busy_every == 0:
            self._transport.write(_BUSY)
            return
        found = _EVENT_ID.search(request)
        if found:
            self._arrivals[found[1].decode()] = time.monotonic_ns()
        if not book.delay:
            self._transport.write(_ANSWER)
            return
        book.in_hand += 1
        book.most_in_hand = max(book.most_in_hand, book.in_hand)
        asyncio.get_running_loop().call_later(book.delay, self._answer_late)

    def _answer_late(self) -> None:
        self._book.in_hand -= 1
        self._transport.write(_ANSWER)

    def _show_book(self) -> None:
        book = {"calls": self._book.calls, "most_in_hand": self._book.most_in_hand, "arrivals": self._arrivals}
        body = json.dumps(book).encode()
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        self._book.calls = self._book.most_in_hand = 0
        self._arrivals.clear()


@dataclass(frozen=True)
class Erp:
    """A running ERP."""

    url: str

    def take_book(self) -> dict[str, Any]:
        """How many calls came since this was last asked, how many at once, and when each event arrived."""
        with urllib.request.urlopen(self.url + _BOOK, timeout=30) as answer:  # noqa: S310 -- our own address
            book: dict[str, Any] = json.load(answer)
        return book


@contextmanager
def erp(*, delay: float = 0.0, busy_every: int = 0) -> Iterator[Erp]:
    """An ERP of one's own; with `busy_every` n it refuses every n-th call with 503."""
    with Apart("tests.benchmarks.erp:serve", delay=delay, busy_every=busy_every) as child:
        yield Erp(f"http://127.0.0.1:{child.hear()['port']}")


def serve(parent: Parent, delay: float, busy_every: int) -> None:
    """Serve until killed."""
    asyncio.run(_serve(parent, Book(delay, busy_every)))


async def _serve(parent: Parent, book: Book) -> None:
    arrivals: dict[str, int] = {}
    server = await asyncio.get_running_loop().create_server(lambda: Door(book, arrivals), "127.0.0.1", 0, backlog=256)
    parent.say(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()
