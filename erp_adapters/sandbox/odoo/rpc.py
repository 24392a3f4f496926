"""JSON-RPC, the older way in: who signs in, what is called, and how an answer looks. Measured on Odoo 19.

Everything is answered with 200. The key stands in each body, and records go by their place.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from erp_adapters.sandbox.odoo.refusals import Refusal

LOGIN: Final = "sidecar"
_USER: Final = 5
_ENVELOPE: Final = {"jsonrpc": "2.0", "id": 1}
_VERSION: Final = {"server_version": "19.0", "server_serie": "19.0", "protocol_version": 1}
_DENIED: Final = Refusal(401, "odoo.exceptions.AccessDenied", "Access Denied")
_NAMES: Final = {
    "werkzeug.exceptions.Unauthorized": "odoo.exceptions.AccessDenied",
    "werkzeug.exceptions.NotFound": "builtins.AttributeError",
    "werkzeug.exceptions.UnprocessableEntity": "builtins.TypeError",
}
"""What JSON-2 tells by HTTP is an exception of the server's here."""


@dataclass(frozen=True)
class Opened:
    """A call of a model's method, as JSON-2 would have it."""

    path: str
    body: dict[str, Any]


def opened(body: Mapping[str, Any], database: str, key: str) -> Opened | dict[str, Any]:
    """The call that stands in a body, or the answer where it is none of a model's."""
    told = body.get("params")
    match told if isinstance(told, Mapping) else {}:
        case {"service": "common", "method": "version"}:
            return {**_ENVELOPE, "result": _VERSION}
        case {"service": "common", "method": "authenticate", "args": [str(named), login, str(given), _]}:
            if named != database:
                words = f'connection failed: FATAL:  database "{named}" does not exist\n'
                return refused(Refusal(500, "psycopg2.OperationalError", words).body)
            known = login == LOGIN and hmac.compare_digest(given.encode(), key.encode())
            return {**_ENVELOPE, "result": _USER if known else False}
        case {
            "service": "object",
            "method": "execute_kw",
            "args": [named, user, str(given), model, method, places, more],
        }:
            if (named, user) != (database, _USER) or not hmac.compare_digest(given.encode(), key.encode()):
                return refused(_DENIED.body)
            ids = {"ids": places[0]} if places else {}
            return Opened(f"/json/2/{model}/{method}", {**more, **ids})
        case _:
            return refused(Refusal(500, "builtins.AttributeError", "there is no such service").body)


def wrapped(body: Any, *, ok: bool) -> dict[str, Any]:  # noqa: ANN401 -- any method's value
    """An answer of JSON-2's as JSON-RPC gives it."""
    return {**_ENVELOPE, "result": body} if ok else refused(body)


def refused(body: Mapping[str, Any]) -> dict[str, Any]:
    """An error, which is a 200."""
    data = {**body, "name": _NAMES.get(body["name"], body["name"])}
    return {**_ENVELOPE, "error": {"code": 0, "message": "Odoo Server Error", "data": data}}
