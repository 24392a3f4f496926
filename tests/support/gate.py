"""A gate before a database server that lets connections through, but for one of them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from ops.embedded.server import ServerAddress


@contextmanager
def gate_to(server: ServerAddress, *, refused: int) -> Iterator[int]:
    """The port of a gate; the connection with this number, counted from 1, is closed as by a server that goes away."""
    with closing(socket.create_server(("127.0.0.1", 0))) as entrance:
        watchman = threading.Thread(target=_let_through, args=(entrance, server, refused), daemon=True)
        watchman.start()
        yield int(entrance.getsockname()[1])
        entrance.shutdown(socket.SHUT_RDWR)
        watchman.join(10)


def _let_through(entrance: socket.socket, server: ServerAddress, refused: int) -> None:
    number = 0
    while True:
        try:
            caller, _ = entrance.accept()
        except OSError:
            return
        number += 1
        if number == refused:
            caller.close()
            continue
        threading.Thread(target=_join, args=(caller, server), daemon=True).start()


def _join(caller: socket.socket, server: ServerAddress) -> None:
    with closing(caller), closing(socket.create_connection((server.host, server.port))) as behind:
        back = threading.Thread(target=_carry, args=(behind, caller), daemon=True)
        back.start()
        _carry(caller, behind)
        back.join()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while content := one.recv(65_536):
            other.sendall(content)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
