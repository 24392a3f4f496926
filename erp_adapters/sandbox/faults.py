"""How this ERP fails on demand: its repertoire, and what the silent failures do to an order."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from erp_adapters.sandbox.answers import Answer, JsonObject, RefusedError, broken, later
from erp_adapters.sandbox.documents import OPERATIONS
from erp_adapters.sandbox.plane import FaultPlan as Plan
from erp_adapters.sandbox.plane import Kind, Play, Repertoire, Rule

SILENT_OPERATIONS: Final = ("order.create", "order.change")
LATER_OPERATIONS: Final = (*SILENT_OPERATIONS, "order.cancel")
LISTING_OPERATIONS: Final = ("order.changes", "delivery.changes", "invoice.changes", "credit_memo.changes")
SEARCHES: Final = ("order.find", "refund.find", "customer.find", "stock.find", "demand.find", *LISTING_OPERATIONS)
LISTING_KINDS: Final = frozenset({Kind.REPEAT_ENTRIES, Kind.CURSOR_BACK})
SPOILING_KINDS: Final = frozenset(
    {Kind.DROP_LINE, Kind.DROP_CUSTOM_FIELDS, Kind.ROUND_TOTALS, Kind.CHANGE_PRICE, Kind.MERGE_LINES}
)
"""What is stored is not what was sent, and the answer does not say so."""

REPERTOIRE: Final = Repertoire(
    operations=OPERATIONS,
    plays={
        Kind.LOSE_REQUEST: Play("nothing is done, the connection closes without an answer"),
        Kind.LOSE_RESPONSE: Play("the work is done and stored, the connection closes without an answer"),
        Kind.DELAY: Play("waits, then answers as usual"),
        Kind.HANG: Play("nothing is done and nothing answered until the caller leaves"),
        Kind.ERROR_BEFORE: Play("500 INTERNAL_ERROR, nothing is done"),
        Kind.ERROR_AFTER: Play("500 INTERNAL_ERROR, but the work is stored"),
        Kind.UNAVAILABLE: Play("503 UNAVAILABLE with Retry-After, nothing is done"),
        Kind.THROTTLED: Play("429 TOO_MANY_REQUESTS with Retry-After, nothing is done"),
        Kind.QUOTA: Play("429 TOO_MANY_REQUESTS for what exceeds the limit of a window, with what is left of it"),
        Kind.REJECT: Play("422 with the code and the words of the rule, nothing is done"),
        Kind.LOCKED_RECORD: Play(
            "423 LOCKED: somebody has the document open", (*LATER_OPERATIONS, "refund.create", "customer.put")
        ),
        Kind.CLOSED_PERIOD: Play("422 PERIOD_CLOSED, whatever the date", (*SILENT_OPERATIONS, "refund.create")),
        Kind.CREDIT_HOLD: Play("booked in the status credit_hold, for people to release", ("order.create",)),
        Kind.EXPIRED_CREDENTIAL: Play("401 UNAUTHENTICATED: the key has expired"),
        Kind.ACCEPT_LATER: Play("202, put aside to be done later", LATER_OPERATIONS),
        Kind.DUPLICATE_ACCEPT: Play(
            "booked twice, as by a gateway that repeats what took long; the answer names the first",
            ("order.create", "refund.create", "stock.post", "demand.post"),
        ),
        Kind.PARTIAL_BATCH: Play(
            "every second line is rejected: its item is being counted", ("stock.post", "stock.count", "demand.post")
        ),
        Kind.STALE_READ: Play("a search does not see what is younger than the seconds of the rule", SEARCHES),
        Kind.REPEAT_ENTRIES: Play("a listing holds every entry twice", LISTING_OPERATIONS),
        Kind.CURSOR_BACK: Play("a listing's next is that of the beginning", LISTING_OPERATIONS),
        Kind.DROP_LINE: Play(
            "stored without its last line, answered as if whole", (*SILENT_OPERATIONS, "refund.create")
        ),
        Kind.DROP_CUSTOM_FIELDS: Play(
            "stored without customFields, answered as if whole", (*SILENT_OPERATIONS, "refund.create", "customer.put")
        ),
        Kind.ROUND_TOTALS: Play(
            "every amount in totals is rounded to whole units", (*SILENT_OPERATIONS, "refund.create")
        ),
        Kind.CHANGE_PRICE: Play("the first line gets the price list's price: one unit more", SILENT_OPERATIONS),
        Kind.MERGE_LINES: Play("lines of one item become one, under the reference of the first", SILENT_OPERATIONS),
    },
    lacks={Kind.APPEND_LINES: "a change replaces the whole document, so nothing is appended by sending it again"},
    by_event=("order.change", "order.cancel", "customer.put"),
)


class FaultPlan(Plan):
    """The plan of this ERP: a silent failure that would change nothing is not injected."""

    def __init__(self, seed: int) -> None:
        """Begin without rules; the seed decides everything that is left to chance."""
        super().__init__(REPERTOIRE, seed)

    def has_effect(self, kind: Kind, call: Any) -> bool:  # noqa: ANN401 -- a Call, or what a test has in its place
        """Whether anything of the order would be spoiled."""
        return kind not in SPOILING_KINDS or spoil(kind, call.sent)[0] != call.sent


def instead(rule: Rule) -> Answer | None:
    """Give the answer to work that is left undone, or none."""
    retry_after = 1 if rule.retry_after is None else rule.retry_after
    match rule.kind:
        case Kind.UNAVAILABLE:
            return later(503, "UNAVAILABLE", retry_after)
        case Kind.THROTTLED | Kind.QUOTA:
            return later(429, "TOO_MANY_REQUESTS", retry_after)
        case Kind.ERROR_BEFORE:
            return broken()
        case _:
            return None


def refusal(rule: Rule) -> RefusedError | None:
    """Give the refusal that the rule asks for, or none."""
    match rule.kind:
        case Kind.REJECT:
            return RefusedError(422, rule.code, rule.message)
        case Kind.LOCKED_RECORD:
            return RefusedError(423, "LOCKED", "Somebody else has this document open.")
        case Kind.CLOSED_PERIOD:
            return RefusedError(422, "PERIOD_CLOSED", "The period of this date is closed.")
        case Kind.EXPIRED_CREDENTIAL:
            return RefusedError(401, "UNAUTHENTICATED", "The key has expired.")
        case _:
            return None


def spoil(kind: str, order: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Do to a request what a silent failure does: what is stored of it, and what was lost."""
    match kind:
        case Kind.DROP_LINE if order["lines"]:
            return {**order, "lines": order["lines"][:-1]}, {"line": order["lines"][-1]}
        case Kind.DROP_CUSTOM_FIELDS if order.get("customFields"):
            kept = {name: value for name, value in order.items() if name != "customFields"}
            return kept, {"customFields": order["customFields"]}
        case Kind.ROUND_TOTALS:
            rounded = {name: _rounded(amount) for name, amount in order["totals"].items()}
            return {**order, "totals": rounded}, {"totals": order["totals"]}
        case Kind.CHANGE_PRICE:
            first, *others = order["lines"]
            return {**order, "lines": [_dearer(first), *others]}, {"line": first}
        case Kind.MERGE_LINES:
            merged = _merged(order["lines"])
            return {**order, "lines": merged}, {"lines": order["lines"]} if merged != order["lines"] else {}
        case Kind.CREDIT_HOLD:
            return {**order, "status": "credit_hold"}, {}
        case _:
            return order, {}


def _rounded(amount: str) -> str:
    whole = Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP)
    return amount if whole == Decimal(amount) else str(whole)


def _dearer(line: JsonObject) -> JsonObject:
    price = Decimal(line["unitPrice"]) + 1
    return {**line, "unitPrice": str(price), "total": str(Decimal(line["total"]) + Decimal(line["quantity"]))}


def _merged(lines: list[JsonObject]) -> list[JsonObject]:
    first: dict[str, JsonObject] = {}
    for line in lines:
        into = first.get(line["sku"])
        if into is None:
            first[line["sku"]] = dict(line)
            continue
        for name in ("quantity", "total", "discount", "tax"):
            if name in into or name in line:
                into[name] = str(Decimal(into.get(name, "0")) + Decimal(line.get(name, "0")))
    return list(first.values())
