"""What the ERP says back: an answer, or a refusal that says which rule was broken."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Detail:
    """One fault of a request: where it stands, and what is wrong there."""

    path: str
    message: str


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, before it becomes bytes."""

    status: int
    body: JsonObject
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Whether the work was done."""
        return self.status < 300  # noqa: PLR2004 - the boundary of success in HTTP

    @property
    def document(self) -> str | None:
        """The number of the document that this request made, changed or read, if it was one."""
        return self.body.get("number") if self.succeeded else None


class RefusedError(Exception):
    """The ERP will not do this. It is raised before the first write, so nothing is undone by it."""

    def __init__(
        self, status: int, code: str, message: str, details: Sequence[Detail] = (), /, **extra: object
    ) -> None:
        """Keep the words of the refusal; `extra` stands beside them in the error's body."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.answer = error(status, code, message, details, **extra)


def error(status: int, code: str, message: str, details: Sequence[Detail] = (), /, **extra: object) -> Answer:
    """Build the one error body that every refusal has."""
    said = {"code": code, "message": message, **extra}
    said["details"] = [{"path": detail.path, "message": detail.message} for detail in details]
    return Answer(status, {"error": said})


def later(status: int, code: str, retry_after: int) -> Answer:
    """Ask the caller to come back after so many seconds."""
    said = error(status, code, f"Come back in {retry_after} seconds.")
    return Answer(said.status, said.body, {"Retry-After": str(retry_after)})


def broken() -> Answer:
    """Say that something went wrong, and no more than that."""
    return error(500, "INTERNAL_ERROR", "Something went wrong. The work may have been done or not.")


def instant(microseconds: int) -> str:
    """Write an instant of the ledger as the answers show it."""
    at = EPOCH + timedelta(microseconds=microseconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now() -> str:
    """Write the present instant as the answers show it."""
    return instant(time.time_ns() // 1000)
