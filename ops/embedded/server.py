"""The address of a database server, and how long to wait for it to answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor


class ServerNotStartedError(Exception):
    """The server did not start; the message holds its own last words."""


@dataclass(frozen=True)
class ServerAddress:
    """Where a server listens and who may do everything there."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)

    def url(self, schema: str = "") -> str:
        """An SQLAlchemy URL; it holds the password, so keep it out of logs."""
        user, password = quote(self.user, safe=""), quote(self.password, safe="")
        return f"mysql+pymysql://{user}:{password}@{self.host}:{self.port}/{schema}?charset=utf8mb4"

    def connect(self, schema: str | None = None, *, autocommit: bool = True) -> "Connection[Cursor]":
        """A new connection, in autocommit unless told otherwise."""
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            database=schema,
            charset="utf8mb4",
            autocommit=autocommit,
            connect_timeout=10,
            ssl_disabled=True,  # it is on this host, and preparing TLS costs twenty milliseconds each time
        )

    def version(self) -> str:
        """What the server calls itself, such as 10.11.6-MariaDB."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            row = cursor.fetchone()
        return str(row[0]) if row else ""

    def wait_until_it_answers(self, patience: timedelta, died: Callable[[], str | None]) -> None:
        """Return once a connection succeeds; `died` gives the server's last words once it has ended."""
        deadline = time.monotonic() + patience.total_seconds()
        while True:
            try:
                self.connect().close()
            except pymysql.OperationalError as error:
                last_words = died()
                if last_words is not None:
                    raise ServerNotStartedError(last_words) from error
                if time.monotonic() > deadline:
                    message = f"The server on port {self.port} did not answer within {patience.total_seconds():.0f} s."
                    raise ServerNotStartedError(message) from error
                time.sleep(0.02)
            else:
                return
