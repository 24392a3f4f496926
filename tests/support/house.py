"""The sandbox ERP as the conformance suite asks for it, whatever door its adapter comes in by."""

import itertools
import json
import socket
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from erp_adapters.conformance import Fault, Harness, Operation
from erp_adapters.conformance.documents import PAYMENT_METHODS
from erp_adapters.conformance.harness import REFUSAL_CODE, REFUSAL_WORDS, WAITS
from erp_adapters.registry import WrittenIntent
from sidecar.domain.delivery import ChangeKind, ErpId
from sidecar.domain.intents import Allocation, AllocationOwner, Intent
from tests.support.sandbox import Sandbox

CODE_MAPS = {
    "payment_methods": {method: "CHECK" if method == "checkmo" else method.upper() for method in PAYMENT_METHODS},
    "shipping_methods": {"flatrate_flatrate": "FLAT", "instore_pickup": "PICKUP"},
}
CUSTOM_FIELDS = {"note": "order.customer_note", "nothing": "order.gift_message_id"}
INTENTS = {
    Intent.DROP_SHIP: WrittenIntent(item="product_options.supplied"),
    Intent.PRE_ORDER: WrittenIntent(item="product_options.announced"),
}
NO_INTENTS: Mapping[Intent, WrittenIntent] = MappingProxyType({})
ALLOCATION = Allocation(AllocationOwner.MAGENTO, stores={1: "main"}, pickup={"shop-1": "shop"})
STOCK_ROWS = 600
"""A page of the sandbox has 500, a call takes 100 SKUs."""

OPERATIONS = {
    "create": "order.create",
    "change": "order.change",
    "cancel": "order.cancel",
    "refund": "refund.create",
    "customer": "customer.put",
    "stock_post": "stock.post",
    "stock_demand": "demand.post",
    "stock_count": "stock.count",
}
FAULTS: dict[Fault, dict[str, object]] = {
    Fault.LOST_REQUEST: {"kind": "lose_request"},
    Fault.LOST_RESPONSE: {"kind": "lose_response_after_commit"},
    Fault.ERROR_BEFORE: {"kind": "http_500_before_commit"},
    Fault.ERROR_AFTER: {"kind": "http_500_after_commit"},
    Fault.UNAVAILABLE: {"kind": "http_503", "retryAfter": WAITS[Fault.UNAVAILABLE].seconds},
    Fault.THROTTLED: {"kind": "http_429", "retryAfter": WAITS[Fault.THROTTLED].seconds},
    Fault.REFUSED: {"kind": "reject", "code": REFUSAL_CODE, "message": REFUSAL_WORDS},
    Fault.SILENCE: {"kind": "hang"},
    Fault.LOCKED: {"kind": "locked_record"},
    Fault.EXPIRED: {"kind": "expired_credential"},
    Fault.SHORTENED: {"kind": "drop_line"},
    Fault.PRICE_CHANGED: {"kind": "change_price"},
    Fault.ROUNDED: {"kind": "round_totals"},
    Fault.MERGED: {"kind": "merge_lines"},
    Fault.FIELDS_DROPPED: {"kind": "drop_custom_fields"},
}


class HouseHarness(Harness):
    """What people do in the sandbox ERP, and what its books hold; a subclass has the adapters."""

    skus = ("TG11", "TG12")
    unknown_sku = "XX-unknown"
    no_order = "SO-999999"
    reversible = frozenset({ChangeKind.DELIVERIES, ChangeKind.INVOICES, ChangeKind.CREDIT_MEMOS})
    closed_at = "2020-05-05 10:15:00"
    over_limit_email = "over.limit@example.com"
    limits: Mapping[str, int] = MappingProxyType(
        {
            "order.customer_note": 255,
            "order.increment_id": 35,
            "addresses.billing.city": 120,
            "addresses.shipping.company": 255,
            "items.0.name": 255,
        }
    )

    def __init__(self, erp: Sandbox) -> None:
        self.erp = erp
        self._numbers = itertools.count(1)
        blocked = {"blockedCustomers": [self.over_limit_email], "closedUntil": "2020-12-31"}
        erp.control("POST", "masterdata", {"unknownItems": [self.unknown_sku], **blocked})

    def close(self) -> None:
        for adapter in (self.adapter, self.stranger, self.unreachable, self.allocating, *self.followers):
            adapter.close()

    def new_reference(self) -> str:
        return f"T1-{next(self._numbers)}"

    def inject(self, operation: Operation, fault: Fault, reference: str) -> None:
        self.erp.plan({"operation": OPERATIONS[operation], "match": {"reference": reference}, **FAULTS[fault]})

    def documents(self, reference: str) -> int:
        return len(self.ledger("orders", reference))

    def held(self, reference: str) -> str:
        (row,) = self.ledger("orders", reference)
        return _spoken(json.loads(row["body"]))

    def served(self, reference: str) -> tuple[str, list[tuple[str, str, str, str, bool]]]:
        (row,) = self.ledger("orders", reference)
        body = json.loads(row["body"])
        columns = (("lineReference", ""), ("intent", ""), ("backordered", ""), ("warehouse", ""))
        lines = [
            (*(line.get(name, nothing) for name, nothing in columns), line.get("warehouseIsBinding", False))
            for line in body["lines"]
        ]
        return body.get("pickupWarehouse", ""), lines

    def movements(self, reference: str) -> int:
        return len(self.ledger("stock_movements", reference))

    def demands(self, reference: str) -> int:
        return len(self.ledger("demands", reference))

    def ledger(self, table: str, reference: str) -> list[dict[str, Any]]:
        """The rows of the ERP's books under a reference."""
        rows = self.erp.rows(f"SELECT * FROM {table}")  # noqa: S608 -- the tables named in tests
        return [row for row in rows if row["reference"] == reference]

    def write(self, kind: ChangeKind, order: ErpId) -> ErpId:
        match kind:
            case ChangeKind.DELIVERIES:
                return ErpId(self.erp.deliver(order))
            case ChangeKind.INVOICES:
                return ErpId(self.erp.invoice(order))
            case _:
                self.erp.invoice(order)
                return ErpId(self.erp.credit(order))

    def take_back(self, document: ErpId) -> None:
        self.erp.amend(document, reversed=True)

    def cancel_there(self, order: ErpId) -> None:
        self.erp.attend(order, status="cancelled")

    def accept_later(self, reference: str) -> None:
        self.erp.plan({"operation": "order.create", "match": {"reference": reference}, "kind": "accept_later"})

    def do_work(self, handle: str) -> None:
        self.erp.decide(handle, "accept")

    def refuse_work(self, handle: str) -> None:
        self.erp.decide(handle, "reject", code=REFUSAL_CODE, message=REFUSAL_WORDS)

    def forget_work(self, handle: str) -> None:
        self.erp.decide(handle, "forget")

    def limit_calls(self, calls: int, seconds: float) -> None:
        quota = {"operation": "order.create", "kind": "quota", "limit": calls, "seconds": seconds}
        self.erp.plan(*[quota] * bool(calls))

    def hide_newest(self, seconds: float) -> None:
        self.erp.plan({"operation": "order.find", "nth": 1, "kind": "stale_read", "seconds": seconds})

    def book_twice(self, reference: str) -> None:
        rule = {"operation": "order.create", "match": {"reference": reference}, "kind": "duplicate_accept"}
        self.erp.plan(rule)

    def deliver_one_of(self, order: ErpId) -> ErpId:
        line = {"lineReference": "881", "quantity": "1.0000", "sku": self.skus[0], "orderedQuantity": "3.0000"}
        return ErpId(self.erp.deliver(order, lines=[line], final=False))

    def decide_lines(self, order: ErpId) -> None:
        first = {"lineReference": "881", "confirmedQuantity": "1.0000"}
        self.erp.attend(order, lines=[first, {"lineReference": "882", "rejectionReason": "out of range"}])

    def refunds(self, reference: str) -> int:
        return len(self.ledger("refunds", reference))

    def restocked(self, reference: str) -> Mapping[str, Decimal]:
        (row,) = self.ledger("refunds", reference)
        back = {line["sku"]: Decimal(line["restockedQuantity"]) for line in json.loads(row["body"])["lines"]}
        return {sku: quantity for sku, quantity in back.items() if quantity}

    def customers(self, reference: str) -> int:
        return len(self.ledger("customers", reference))

    def held_customer(self, reference: str) -> str:
        (row,) = self.ledger("customers", reference)
        return _spoken(json.loads(row["body"]))

    def stocked(self) -> Mapping[tuple[str, str], Decimal]:
        rows = {(f"PILE-{number:04}", f"hall-{number % 2}"): Decimal(number) / 8 for number in range(STOCK_ROWS)}
        balances = [
            {"sku": sku, "warehouse": warehouse, "quantity": f"{amount:.4f}"}
            for (sku, warehouse), amount in rows.items()
        ]
        self.erp.control("POST", "stock", {"balances": balances})
        return rows


def closed_address() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _spoken(value: object) -> str:
    """Every text in a document, as people read it."""
    match value:
        case dict():
            return "\n".join(_spoken(each) for each in value.values())
        case list():
            return "\n".join(_spoken(each) for each in value)
        case _:
            return str(value)
