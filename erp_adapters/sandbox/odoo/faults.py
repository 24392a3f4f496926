"""How an Odoo fails, as far as that was measured or stands in its source, and what a rule does to a call.

Operations are MODEL/METHOD. Most failures are not Odoo's own but of what stands in front of it; those come without
the body that every error of Odoo's has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from erp_adapters.sandbox.odoo.methods import METHODS
from erp_adapters.sandbox.odoo.models import MODELS
from erp_adapters.sandbox.odoo.refusals import Refusal, user_error
from erp_adapters.sandbox.plane import Kind, Play, Repertoire, Request, Rule

_ORDERS: Final = ("sale.order/load",)
_WRITES: Final = ("load", "write", "create", "action_confirm", "action_cancel", "unlink")
_READS: Final = ("search", "search_read", "search_count")
_NO_SUCH_STATE: Final = "nothing is put aside: one call is one transaction"
_RIVALRY: Final = "could not serialize access due to concurrent update\n"
_PROXY: Final = {
    Kind.ERROR_BEFORE: (502, "Bad Gateway"),
    Kind.ERROR_AFTER: (504, "Gateway Time-out"),
    Kind.UNAVAILABLE: (503, "Service Temporarily Unavailable"),
    Kind.THROTTLED: (429, "Too Many Requests"),
    Kind.QUOTA: (429, "Too Many Requests"),
}


def _operations(methods: tuple[str, ...] = ()) -> tuple[str, ...]:
    known = [(model, method) for of, method in METHODS for model in ([of] if of else MODELS)]
    return tuple(sorted(f"{model}/{method}" for model, method in known if not methods or method in methods))


REPERTOIRE: Final = Repertoire(
    operations=_operations(),
    plays={
        Kind.LOSE_REQUEST: Play("the connection closes before Odoo has read the call"),
        Kind.LOSE_RESPONSE: Play("the call is committed, the connection closes without an answer"),
        Kind.DELAY: Play("a worker is late: the call waits, or its answer does"),
        Kind.HANG: Play("no worker is free until the caller has left"),
        Kind.ERROR_BEFORE: Play("502, the page of a proxy that reached nobody"),
        Kind.ERROR_AFTER: Play("504, the page of a proxy that waited too short; the call is committed"),
        Kind.UNAVAILABLE: Play("503 with Retry-After, the page of a proxy in maintenance"),
        Kind.THROTTLED: Play("429 with Retry-After, the page of a proxy; Odoo itself counts nobody's calls"),
        Kind.QUOTA: Play(
            "429 of a proxy for what exceeds the limit of a window; how a hosted Odoo does it is not proven"
        ),
        Kind.REJECT: Play("422 with the name of an exception and its words, all of the call is rolled back"),
        Kind.LOCKED_RECORD: Play(
            "PostgreSQL's 'could not serialize access': 200 with ids false for load, else 500 SerializationFailure",
            _operations(_WRITES),
        ),
        Kind.EXPIRED_CREDENTIAL: Play("401 Invalid apikey: a key lives three months at most"),
        Kind.STALE_READ: Play(
            "a search is answered by a replica that lacks the records of the last seconds (from Odoo's source: "
            "methods that only read may go there; not measured)",
            _operations(_READS),
        ),
        Kind.DROP_LINE: Play("an automation of the company's takes the order's last line out again", _ORDERS),
        Kind.APPEND_LINES: Play("the lines of a load lose their external identifiers, and are made again", _ORDERS),
    },
    lacks={
        Kind.CLOSED_PERIOD: "a lock date refuses invoices; an order has no period",
        Kind.CREDIT_HOLD: "a credit limit warns on the screen; nothing was seen to hold an order that a program makes",
        Kind.ACCEPT_LATER: _NO_SUCH_STATE,
        Kind.DUPLICATE_ACCEPT: "an external identifier is there once: the same load twice is one record",
        Kind.PARTIAL_BATCH: "a load is kept whole or not at all",
        Kind.REPEAT_ENTRIES: "a search names a record once",
        Kind.CURSOR_BACK: "a search has no cursor of its own",
        Kind.DROP_CUSTOM_FIELDS: "a field that Odoo does not have is refused",
        Kind.ROUND_TOTALS: "totals are computed from the lines, never taken from the caller",
        Kind.CHANGE_PRICE: "a price that is written stays; what a pricelist does to it was not measured",
        Kind.MERGE_LINES: "lines stay apart under their external identifiers",
    },
)


@dataclass(frozen=True)
class Said:
    """An answer before it becomes bytes; text is a page that Odoo did not write."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


def asked(path: str, body: Mapping[str, Any]) -> Request:
    """A call as rules see it; its references are the external identifiers and the order references that it loads."""
    operation = path.removeprefix("/json/2/")
    columns, rows = body.get("fields"), body.get("data")
    if not operation.endswith("/load") or not isinstance(columns, list) or not isinstance(rows, list):
        return Request(operation, tuple(str(key) for key in body.get("ids") or ()))
    wanted = [place for place, column in enumerate(columns) if column in ("id", "client_order_ref")]
    names = (row[place] for row in rows if isinstance(row, list) for place in wanted if place < len(row))
    return Request(operation, tuple(str(name) for name in names if name))


def bent(body: dict[str, Any], rule: Rule | None) -> dict[str, Any]:
    """What a silent failure makes of a load."""
    if rule is None or "fields" not in body or "data" not in body:
        return body
    match rule.kind:
        case Kind.DROP_LINE:
            return {**body, "data": body["data"][:-1]}
        case Kind.APPEND_LINES:
            place = body["fields"].index("order_line/id")
            rows = [_without(row, place) for row in body["data"]]
            return {**body, "fields": _without(body["fields"], place), "data": rows}
        case _:
            return body


def instead(rule: Rule, operation: str) -> Said:
    """The answer to a call that was left undone, or whose success nobody is told."""
    waits = {"Retry-After": str(rule.retry_after or 1)}
    match rule.kind:
        case Kind.REJECT:
            refusal = Refusal(422, rule.code, rule.message)
        case Kind.EXPIRED_CREDENTIAL:
            refusal = Refusal(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
        case Kind.LOCKED_RECORD if operation.endswith("/load"):
            messages = [{"type": "error", "message": _RIVALRY}]
            return Said(200, {"ids": False, "messages": messages, "nextrow": 0})
        case Kind.LOCKED_RECORD:
            refusal = Refusal(500, "psycopg2.errors.SerializationFailure", _RIVALRY)
        case kind if kind in _PROXY:
            status, phrase = _PROXY[kind]
            page = f"<html><head><title>{status} {phrase}</title></head></html>\n"
            return Said(status, page.encode(), waits if status in (429, 503) else {})
        case _:
            refusal = user_error("This rule has no answer.")
    return Said(refusal.status, refusal.body)


def _without(row: list[str], place: int) -> list[str]:
    return row[:place] + row[place + 1 :]
