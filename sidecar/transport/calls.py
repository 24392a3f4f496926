"""One call: what is asked, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime

_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Request:
    """One call: `path` is appended to the base address, `query` may repeat names, `body` becomes JSON.

    `content` is a body that is bytes already; `headers` go beside those of every call.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: object = None
    content: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def on_the_wire(self) -> tuple[bytes | None, dict[str, str]]:
        """The body's bytes and the headers that go with this call."""
        content = self.content if self.body is None else json.dumps(self.body).encode()
        kind = {} if content is None else {"Content-Type": "application/json"}
        return content, {**kind, **self.headers}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the ERP answered, whatever the status; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    duration: timedelta

    def json(self) -> object:
        """The body as JSON with exact decimals, or None where it is not JSON."""
        try:
            body: object = json.loads(self.content, parse_float=Decimal)
        except ValueError:
            return None
        return body


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No usable answer; `sent` tells whether any byte of the request may have left, `reason` is a sentence part.

    `hint` says what a person can do, where that is known.
    """

    sent: bool
    reason: str
    duration: timedelta
    hint: str = ""

    @property
    def words(self) -> str:
        """Reason and hint as one sentence part."""
        return f"{self.reason}; {self.hint}" if self.hint else self.reason


@dataclass(frozen=True, slots=True)
class TransportTerms:
    """How a connection is used; `keepalive` must be below the ERP's own idle time-out."""

    keepalive: timedelta = timedelta(seconds=20)
    connections: int = 8
    answer_limit: int = 8 * 1024 * 1024
    allow_plain_http: bool = False


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Read Retry-After: seconds, or an instant compared with the answer's own Date; never more than an hour."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), _LONGEST_WAIT)
    try:
        wait = _http_instant(value) - _http_instant(headers.get("date", ""))
    except ValueError:
        return None
    return min(max(wait, timedelta()), _LONGEST_WAIT)


def _http_instant(value: str) -> datetime:
    instant = parsedate_to_datetime(value)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
