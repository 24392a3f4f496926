"""The way in: one method of one model per call, by JSON-2 (Odoo 19 and later) or JSON-RPC, and what may come back."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from typing import Any, Final

from sidecar.domain.documents import PreviewedRequest
from sidecar.domain.errors import ErpThrottled, ErpUnavailable, Retryable
from sidecar.transport import Answer, HttpTransport, KeptSecret, NoAnswer, Request, Secret, retry_after

Arguments = Mapping[str, Any]
_LONGEST_WORDS: Final = 500
_JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Said:
    """What a method returned, and when by the server's clock, to the second."""

    value: Any
    duration: timedelta
    at: datetime | None = None


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
    """One database of one Odoo, as one user, in one company, by JSON-2. Thread-safe."""

    def __init__(self, transport: HttpTransport, company: int) -> None:
        self._transport = transport
        # English words, so that the fault table can read them; and Odoo takes instants for those of the user's zone.
        self._context = {"lang": "en_US", "tz": "UTC", "allowed_company_ids": [company]}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._transport!r})"

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    def call(
        self, model: str, method: str, arguments: Arguments, ends_at: float, context: Arguments | None = None
    ) -> Reply:
        """Make one call; Odoo makes one transaction of it."""
        return self._sent(model, method, self._whole(arguments, context), ends_at)

    def preview(
        self, model: str, method: str, arguments: Arguments, context: Arguments | None = None
    ) -> PreviewedRequest:
        """The call as it would be sent, without its credential."""
        request = _json2(model, method, self._whole(arguments, context))
        return _shown(self._transport.address(request), request.body)

    def ask(
        self, model: str, method: str, arguments: Arguments, ends_at: float, context: Arguments | None = None
    ) -> Any:  # noqa: ANN401 -- what Odoo returns; the readers look at it
        """Make a call that changes nothing; raise Retryable, without Odoo's words, for anything but its value."""
        return self.told(model, method, arguments, ends_at, context).value

    def told(
        self, model: str, method: str, arguments: Arguments, ends_at: float, context: Arguments | None = None
    ) -> Said:
        """The same, with the instant at which Odoo said it."""
        match self.call(model, method, arguments, ends_at, context):
            case Said() as said:
                return said
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

    def _whole(self, arguments: Arguments, context: Arguments | None) -> dict[str, Any]:
        return {**arguments, "context": {**self._context, **(context or {})}}

    def _sent(self, model: str, method: str, arguments: Arguments, ends_at: float) -> Reply:
        reply = self._transport.call(_json2(model, method, arguments), ends_at - monotonic())
        return reply if isinstance(reply, NoAnswer) else _read(reply)


class RpcDoor(Door):
    """The same by JSON-RPC, which Odoo before 19 speaks too: it signs in by name first, and answers 200 to everything.

    The key stands in each body, so no body is ever shown.
    """

    def __init__(self, transport: HttpTransport, company: int, database: str, login: str, secret: Secret) -> None:
        super().__init__(transport, company)
        self._database = database
        self._login = login
        self._secret = secret
        self._user: int | None = None
        self._signing_in = threading.Lock()

    def preview(
        self, model: str, method: str, arguments: Arguments, context: Arguments | None = None
    ) -> PreviewedRequest:
        """The call as it would be sent; the user's number and the key are not told."""
        told = self._execute("(the user's number)", "(the key)", model, method, self._whole(arguments, context))
        return _shown(self._transport.address(Request("POST", "/jsonrpc")), told)

    def version(self, ends_at: float) -> tuple[str, timedelta | None] | NoAnswer:
        """As Odoo tells it to everybody."""
        began_at = datetime.now(UTC)
        reply = self._transport.call(_posted("common", "version", []), ends_at - monotonic())
        if isinstance(reply, NoAnswer):
            return reply
        match reply.json():
            case {"result": {"server_version": str(version)}}:
                return version, _skew(reply, began_at + reply.duration / 2)
            case _:
                return "", None

    def _sent(self, model: str, method: str, arguments: Arguments, ends_at: float) -> Reply:
        key = self._secret.get_secret_value()
        reply = self._executed(key, model, method, arguments, ends_at)
        if not (isinstance(reply, Refused) and reply.status == HTTPStatus.UNAUTHORIZED):
            return reply
        self._user = None
        if isinstance(self._secret, KeptSecret):  # who was refused has done nothing: another key may ask once more
            self._secret.read_again(lambda fresh: fresh)
        fresh = self._secret.get_secret_value()
        return reply if fresh == key else self._executed(fresh, model, method, arguments, ends_at)

    def _executed(self, key: str, model: str, method: str, arguments: Arguments, ends_at: float) -> Reply:
        user = self._signed_in(key, ends_at)
        if not isinstance(user, int):
            return user
        told = self._execute(user, key, model, method, arguments)
        reply = self._transport.call(_request(told), ends_at - monotonic())
        return reply if isinstance(reply, NoAnswer) else _read_rpc(reply)

    def _execute(self, user: object, key: str, model: str, method: str, arguments: Arguments) -> dict[str, Any]:
        """`ids` go by their place: JSON-RPC looks for the records there, and nowhere else."""
        named = dict(arguments)
        places = [named.pop("ids")] if "ids" in named else []
        return _body("object", "execute_kw", [self._database, user, key, model, method, places, named])

    def _signed_in(self, key: str, ends_at: float) -> int | Refused | NoAnswer:
        """The user's number; what goes wrong here has sent nothing of the call itself."""
        with self._signing_in:
            if self._user is not None:
                return self._user
            arguments = [self._database, self._login, key, {}]
            reply = self._transport.call(_posted("common", "authenticate", arguments), ends_at - monotonic())
            if isinstance(reply, NoAnswer):
                return NoAnswer(sent=False, reason=f"signing in: {reply.reason}", duration=reply.duration)
            match _read_rpc(reply):
                case Said(bool(), duration):
                    words = f"Odoo does not know the login {self._login!r} with this key"
                    return Refused(HTTPStatus.UNAUTHORIZED, _DENIED, words, None, duration)
                case Said(int(user)):
                    self._user = user
                    return user
                case Refused() as refused if refused.name:  # a database that is not there, too
                    return Refused(HTTPStatus.UNAUTHORIZED, _DENIED, refused.words, refused.wait, refused.duration)
                case Refused() as refused if refused.wait is not None:
                    return refused
                case answer:
                    return NoAnswer(sent=False, reason="signing in was not answered by Odoo", duration=answer.duration)


def _json2(model: str, method: str, arguments: Arguments) -> Request:
    return Request("POST", f"/json/2/{model}/{method}", body=arguments)


def _posted(service: str, method: str, arguments: list[Any]) -> Request:
    return _request(_body(service, method, arguments))


def _request(body: object) -> Request:
    return Request("POST", "/jsonrpc", content=json.dumps(body).encode(), headers=_JSON)


def _body(service: str, method: str, arguments: list[Any]) -> dict[str, Any]:
    told = {"service": service, "method": method, "args": arguments}
    return {"jsonrpc": "2.0", "method": "call", "params": told, "id": 1}


def _shown(address: str, body: object) -> PreviewedRequest:
    return PreviewedRequest("POST", address, _JSON, json.dumps(body, ensure_ascii=False, indent=2))


def _read(answer: Answer) -> Said | Refused:
    body = answer.json()
    if answer.status == HTTPStatus.OK and (body is not None or answer.content.strip() == b"null"):
        return Said(body, answer.duration, _at(answer))
    return _refusal(answer.status, body if isinstance(body, Mapping) else {}, answer)


_REFUSED: Final = HTTPStatus.UNPROCESSABLE_ENTITY
_DENIED: Final = "odoo.exceptions.AccessDenied"
_STATUS: Final = {
    _DENIED: HTTPStatus.UNAUTHORIZED,
    "odoo.exceptions.AccessError": HTTPStatus.FORBIDDEN,
    "odoo.exceptions.MissingError": HTTPStatus.NOT_FOUND,
}
_BROKEN: Final = ("builtins.", "psycopg2.", "werkzeug.")
"""What JSON-2 answers for an exception: 500 for those of Python, PostgreSQL and HTTP, 422 for what people may not do,
an exception of a module's own included.
"""


def _read_rpc(answer: Answer) -> Said | Refused:
    """JSON-RPC answers 200 whatever happened; a result alone is a success, and a name alone makes an error Odoo's."""
    body = answer.json()
    if answer.status == HTTPStatus.OK and isinstance(body, Mapping):
        match body:
            case {"error": {"data": {"name": str(name)} as told}}:
                broken = HTTPStatus.INTERNAL_SERVER_ERROR if name.startswith(_BROKEN) else _REFUSED
                return _refusal(_STATUS.get(name, broken), told, answer)
            case {"result": value} if "error" not in body:
                return Said(value, answer.duration, _at(answer))
            case {"id": _, "jsonrpc": _} if "error" not in body:  # a method that returns nothing
                return Said(None, answer.duration, _at(answer))
            case _:
                pass
    return _refusal(answer.status, {}, answer)


def _refusal(status: int, error: Mapping[str, Any], answer: Answer) -> Refused:
    name, words = error.get("name"), error.get("message")
    return Refused(
        status,
        name[:_LONGEST_WORDS] if isinstance(name, str) else "",
        words.strip()[:_LONGEST_WORDS] if isinstance(words, str) else "an answer that does not say what happened",
        retry_after(answer.headers),
        answer.duration,
    )


def _at(answer: Answer) -> datetime | None:
    try:
        instant = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)


def _skew(answer: Answer, ours: datetime) -> timedelta | None:
    """HTTP's Date has whole seconds: half a second more is the best guess."""
    theirs = _at(answer)
    return None if theirs is None else theirs + timedelta(milliseconds=500) - ours
