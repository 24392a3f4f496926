"""What a server has done meanwhile, by its own counters, the looking itself taken off."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Self

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from ops.embedded.server import ServerAddress

READS: Final = frozenset(
    f"handler_read_{kind}" for kind in ("first", "key", "last", "next", "prev", "rnd", "rnd_deleted", "rnd_next")
)


@dataclass(frozen=True, slots=True)
class Counted:
    """What happened on the whole server between two looks."""

    statements: int
    commits: int
    reads: int


class Counters(AbstractContextManager["Counters"]):
    """An observer with a connection of its own."""

    def __init__(self, server: ServerAddress) -> None:
        self._connection: Connection[Cursor] = server.connect()
        self._cursor = self._connection.cursor()
        self._look()
        first, second = self._look(), self._look()
        self._own = _difference(first, second)
        self._start = second

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def restart(self) -> None:
        """Count from now."""
        self._start = self._look()

    def counted(self) -> Counted:
        """What happened since the start, our own look left out."""
        seen = _difference(self._start, self._look())
        left = {name: max(0, count - self._own.get(name, 0)) for name, count in seen.items()}
        return Counted(
            statements=left["questions"],
            # Where the binlog counts, it has counted every transaction that wrote, also those of one statement.
            commits=max(left["com_commit"], left.get("binlog_commits", 0)),
            reads=sum(left.get(name, 0) for name in READS),
        )

    def _look(self) -> dict[str, int]:
        self._cursor.execute("SHOW GLOBAL STATUS")
        wanted = READS | {"questions", "com_commit", "binlog_commits"}
        return {name.lower(): int(value) for name, value in self._cursor.fetchall() if name.lower() in wanted}


def _difference(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    return {name: count - first[name] for name, count in second.items()}
