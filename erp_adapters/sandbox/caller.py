"""The other end of a connection: waiting beside it, and noticing that it has left."""

import select
import socket
import threading
from dataclasses import dataclass

LOOK_EVERY_MS = 50


@dataclass(frozen=True)
class Caller:
    """Who waits for an answer, on this socket."""

    connection: socket.socket
    stopping: threading.Event

    def wait(self, seconds: float) -> None:
        """Let the caller wait; shorter only when the ERP stops."""
        if seconds:
            self.stopping.wait(seconds)

    def wait_until_gone(self) -> None:
        """Come back when the caller has closed the connection, or the ERP stops."""
        watch = select.poll()
        watch.register(self.connection, select.POLLIN)
        while not self.stopping.is_set():
            if watch.poll(LOOK_EVERY_MS) and self._has_left():
                return

    def _has_left(self) -> bool:
        try:
            left = not self.connection.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            return True
        if not left:
            self.stopping.wait(LOOK_EVERY_MS / 1000)
        return left
