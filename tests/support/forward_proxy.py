"""A forward proxy on a real socket: CONNECT, credentials if it wants them, and death where the test says so."""

import base64
import contextlib
import socket
import threading
from typing import Literal

from tests.support.scripted_http import Listener

Death = Literal["", "before it answers", "amid its answer", "after CONNECT", "amid the handshake"]


class ForwardProxy:
    """Tunnels every host name to `there`; keeps what it was asked for, and what passed through it."""

    def __init__(self, there: str, *, user: str = "", password: str = "", dies: Death = "", answer: str = "") -> None:
        host, _, port = there.rpartition(":")
        self._there, self._dies, self._answer = (host, int(port)), dies, answer
        self._wanted = base64.b64encode(f"{user}:{password}".encode()).decode() if user else ""
        self.asked: list[str] = []
        self.passed = bytearray()
        self._listener = Listener(self._serve)
        self.address = f"http://{self._listener.address}"

    def close(self) -> None:
        self._listener.close()

    def _serve(self, connection: socket.socket, ended: threading.Event) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = connection.recv(4096)
            if not chunk:
                return
            head += chunk
        self.asked.append(head.split(b"\r\n")[0].decode())
        if self._dies == "before it answers":
            return
        if self._dies == "amid its answer":
            connection.sendall(b"HTTP/1.1 200 Conn")
            return
        if self._answer or (self._wanted and f"Basic {self._wanted}".encode() not in head):
            connection.sendall(f"{self._answer or 'HTTP/1.1 407 Who are you'}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        with socket.create_connection(self._there, 5) as onward:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\nVia: a test\r\n\r\n")
            if self._dies != "after CONNECT":
                self._carry(connection, onward, ended)

    def _carry(self, near: socket.socket, far: socket.socket, ended: threading.Event) -> None:
        def back() -> None:
            with contextlib.suppress(OSError):
                while not ended.is_set() and (chunk := far.recv(65536)):
                    near.sendall(chunk)
            with contextlib.suppress(OSError):
                near.shutdown(socket.SHUT_RDWR)

        answering = threading.Thread(target=back)
        answering.start()
        with contextlib.suppress(OSError):
            while chunk := near.recv(65536):
                if self._dies == "amid the handshake":
                    break  # with TLS 1.3 a server's first answer would complete it for the client
                self.passed += chunk
                far.sendall(chunk)
        with contextlib.suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)
        answering.join()
