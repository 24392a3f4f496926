"""Listings of what changed: by the sequence of changes, or by a clock that may be too coarse to tell two apart."""

import sqlite3
from collections.abc import Callable

from erp_adapters.sandbox.answers import Answer, JsonObject
from erp_adapters.sandbox.call import Call
from erp_adapters.sandbox.ledger import Reading, visible_us

Show = Callable[[sqlite3.Row], JsonObject]


def by_sequence(ledger: Reading, call: Call, statement: str, entries: str, show: Show, **binds: object) -> Answer:
    """Give what changed since the cursor, each thing once, as it is now."""
    cursor, limit = call.cursor("since"), _limit(call)
    lag = visible_us(call.house.visibility_lag)
    rows = ledger.all(statement, cursor=cursor, limit=limit + 1, visible_us=lag, **binds)
    page = rows[:limit]
    end = page[-1]["change_seq"] if page else cursor
    return Answer(200, {entries: [show(row) for row in page], "next": str(end), "more": len(rows) > limit})


def by_clock(ledger: Reading, call: Call, statement: str, entries: str, show: Show, **binds: object) -> Answer:
    """Give what changed at the instant or later, by time and number; the caller counts what it has seen."""
    limit = _limit(call)
    rows = ledger.all(
        statement,
        since_us=call.since_us("changedSince"),
        tick_us=call.house.tick_us,
        limit=limit + 1,
        offset=call.offset(),
        visible_us=visible_us(call.house.visibility_lag),
        **binds,
    )
    return Answer(200, {entries: [show(row) for row in rows[:limit]], "more": len(rows) > limit})


def twisted(kind: str, answer: Answer) -> Answer:
    """Do to a listing what an ERP does whose listings are not to be trusted."""
    body = dict(answer.body)
    if kind == "cursor_back" and "next" in body:
        body["next"] = "0"
    if kind == "repeat_entries":
        body = {
            name: [one for one in value for _ in range(2)] if isinstance(value, list) else value
            for name, value in body.items()
        }
    return Answer(answer.status, body, answer.headers)


def _limit(call: Call) -> int:
    return call.limit(usual=100, most=500)
