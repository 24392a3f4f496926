"""The way in: one method of one model per call, JSON-2 (Odoo 19 and later), and what may come back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from typing import Any

from sidecar.domain.errors import ErpThrottled, ErpUnavailable, Retryable
from sidecar.transport import Answer, HttpTransport, NoAnswer, Request, retry_after

Arguments = Mapping[str, Any]
_LONGEST_WORDS = 500


@dataclass(frozen=True, slots=True)
class Said:
    """What a method returned."""

    value: Any
    duration: timedelta


@dataclass(frozen=True, slots=True)
class Refused:
    """An error: the exception's name, empty where it was not Odoo who answered, and its words without the traceback."""

    status: int
    name: str
    words: str
    wait: timedelta | None
    duration: timedelta


Reply = Said | Refused | NoAnswer


class NothingSentError(ErpUnavailable):
    """Not a byte of the call has left."""


class Door:
    """One database of one Odoo, as one user, in one company. Thread-safe."""

    def __init__(self, transport: HttpTransport, company: int) -> None:
        self._transport = transport
        # English words, so that the fault table can read them; and Odoo takes instants for those of the user's zone.
        self._context = {"lang": "en_US", "tz": "UTC", "allowed_company_ids": [company]}

    def __repr__(self) -> str:
        return f"Door({self._transport!r})"

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def call(
        self, model: str, method: str, arguments: Arguments, ends_at: float, context: Arguments | None = None
    ) -> Reply:
        """Make one call; Odoo makes one transaction of it."""
        body = {**arguments, "context": {**self._context, **(context or {})}}
        reply = self._transport.call(Request("POST", f"/json/2/{model}/{method}", body=body), ends_at - monotonic())
        return reply if isinstance(reply, NoAnswer) else _read(reply)

    def ask(
        self, model: str, method: str, arguments: Arguments, ends_at: float, context: Arguments | None = None
    ) -> Any:  # noqa: ANN401 -- what Odoo returns; the readers look at it
        """Make a call that changes nothing; raise Retryable, without Odoo's words, for anything but its value."""
        match self.call(model, method, arguments, ends_at, context):
            case Said(value):
                return value
            case NoAnswer(sent, reason):
                kind = ErpUnavailable if sent else NothingSentError
                raise kind(f"Odoo did not answer {model}/{method}: {reason}")
            case Refused(status, name, _, wait):
                sentence = f"Odoo answered {model}/{method} with {status} {name}".rstrip()
                if status == HTTPStatus.TOO_MANY_REQUESTS:
                    raise ErpThrottled(sentence, retry_after=wait)
                if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not name:
                    raise ErpUnavailable(sentence, retry_after=wait)
                credential = status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
                hint = "check the credential and the rights of its user in Odoo" if credential else ""
                raise Retryable(sentence, hint=hint or "run `erp-sidecar doctor`", retry_after=wait)

    def version(self, ends_at: float) -> tuple[str, timedelta | None] | NoAnswer:
        """Odoo's version, empty where it is not one, and how far its clock is ahead of ours."""
        began_at = datetime.now(UTC)
        reply = self._transport.call(Request("GET", "/json/version"), ends_at - monotonic())
        if isinstance(reply, NoAnswer):
            return reply
        body = reply.json()
        version = body.get("version") if isinstance(body, Mapping) else None
        return (version if isinstance(version, str) else ""), _skew(reply, began_at + reply.duration / 2)


def _read(answer: Answer) -> Said | Refused:
    body = answer.json()
    if answer.status == HTTPStatus.OK and (body is not None or answer.content.strip() == b"null"):
        return Said(body, answer.duration)
    error = body if isinstance(body, Mapping) else {}
    name, words = error.get("name"), error.get("message")
    return Refused(
        answer.status,
        name[:_LONGEST_WORDS] if isinstance(name, str) else "",
        words.strip()[:_LONGEST_WORDS] if isinstance(words, str) else "an answer that does not say what happened",
        retry_after(answer.headers),
        answer.duration,
    )


def _skew(answer: Answer, ours: datetime) -> timedelta | None:
    """HTTP's Date has whole seconds: half a second more is the best guess."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    return theirs + timedelta(milliseconds=500) - ours
