"""An HTTP server on a real socket that follows a script: for what no well-behaved ERP would do."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

Script = Callable[[socket.socket, threading.Event], None]


class Listener:
    """A server that follows a script on every connection, and counts them."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.ended = threading.Event()
        self.connections = 0
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def close(self) -> None:
        self.ended.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with connection, suppress(OSError):
            self._script(connection, self.ended)


def read_request(connection: socket.socket) -> bytes:
    """Read one request with its body; empty when the other side has left."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(answer: bytes) -> Script:
    """Answer every request on a connection alike."""

    def script(connection: socket.socket, _: threading.Event) -> None:
        while read_request(connection):
            connection.sendall(answer)

    return script


def dripping(answer: bytes) -> Script:
    """Answer one byte at a time, a twentieth of a second apart."""

    def script(connection: socket.socket, ended: threading.Event) -> None:
        read_request(connection)
        for byte in answer:
            if ended.wait(0.05):
                return
            connection.sendall(bytes([byte]))

    return script


def silent(connection: socket.socket, ended: threading.Event) -> None:
    """Read a request and never answer."""
    read_request(connection)
    ended.wait(5)


def in_turn(*answers: bytes) -> Script:
    """Answer the requests of all connections one after the other with these."""
    left = list(answers)

    def script(connection: socket.socket, _: threading.Event) -> None:
        while left and read_request(connection):
            connection.sendall(left.pop(0))

    return script


def http_answer(status: int, body: str, **headers: str) -> bytes:
    """Write an answer down."""
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    content = body.encode()
    return f"HTTP/1.1 {status} Said\r\n{named}Content-Length: {len(content)}\r\n\r\n".encode() + content
