"""All that a third party writes to hold its adapter against the suite: here the ERP is a dictionary.

A run outside of this project copies this file, and nothing else of its tests. OUR_ADAPTER names a variety of the
adapter that breaks a promise.
"""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from erp_adapters.conformance import AdapterConformance, Fault, Harness, Operation, Trait
from erp_adapters.conformance.harness import REFUSAL_CODE, REFUSAL_WORDS, WAITS
from sidecar.domain.delivery import (
    Capabilities,
    ChangeKind,
    DocumentKind,
    ErpId,
    ErpMessage,
    Evidence,
    Found,
    Outcome,
    Presence,
    Reference,
    Result,
    Snapshot,
    SnapshotLine,
)
from sidecar.domain.documents import Document, Health, OrderDocument, Page, Preview, StockPage, StockQuery
from sidecar.domain.errors import Retryable
from sidecar.domain.order import Order

pytest_plugins = ["erp_adapters.conformance.plugin"]

KEY, STRANGER = "our-secret-key", "key-of-nobody"
BROKEN = os.environ.get("OUR_ADAPTER", "")
SENT = Evidence(200, bytes_sent=True)
LONGEST_NOTE = 100


class OurErp:
    """Orders by reference, each reference once, and the failures that were ordered."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.orders: dict[str, list[tuple[ErpId, Order, Reference, str]]] = {}
        self.faults: dict[str, Fault] = {}

    def book(self, order: Order, ref: Reference, note: str) -> tuple[ErpId, bool]:
        """Book an order, or find the one that has the reference; tells which."""
        with self.lock:
            there = self.orders.setdefault(ref.external_ref, [])
            if there and BROKEN != "sends twice":
                return there[0][0], False
            erp_id = ErpId(f"{ref.external_ref}/{len(there) + 1}")
            there.append((erp_id, order, ref, note))
            return erp_id, True


class OurAdapter:
    """The adapter; `key` is None where nobody listens."""

    def __init__(self, erp: OurErp, key: str | None) -> None:
        self.erp, self.key = erp, key

    def __repr__(self) -> str:
        return "OurAdapter()"

    def capabilities(self) -> Capabilities:
        return Capabilities(native_dedupe="unique_ref", find_by_ref="exact", accepts=frozenset({DocumentKind.ORDER}))

    def probe(self) -> Health:
        known = self.key == KEY
        problems = () if known else ("our ERP refuses the credential, or nobody is there",)
        return Health(self.key is not None, "Our ERP 1", timedelta(0), problems)

    def submit(self, document: Document, ref: Reference, deadline: float) -> Result:
        assert isinstance(document, OrderDocument)
        if self.key != KEY:
            hint = "check the credential" if self.key else ""
            return Result(Outcome.NOT_SENT, hint=hint, messages=(ErpMessage("error", "CLOSED", "not admitted"),))
        order, fault = document.order, self.erp.faults.pop(ref.external_ref, None)
        note = str(order.source["order"].get("customer_note") or "")
        if len(note) > LONGEST_NOTE and BROKEN != "cuts texts":
            words = f"customer_note is {len(note)} characters long, our ERP takes {LONGEST_NOTE}"
            return _refused(Outcome.REJECTED_INVALID, "TOO_LONG", words, path="customer_note", hint="shorten it")
        unknown = [line.sku for line in order.lines if line.sku not in OurHarness.skus]
        if unknown:
            return _refused(Outcome.REJECTED_BUSINESS, "ITEM", f"item {unknown[0]} is unknown", hint="create it")
        undone = _undone(fault, deadline)
        if undone is not None:
            return undone
        erp_id, new = self.erp.book(order, ref, note[:LONGEST_NOTE])
        if fault in (Fault.LOST_RESPONSE, Fault.ERROR_AFTER):
            if BROKEN == "sends twice":
                self.erp.book(order, ref, note)
            return Result(Outcome.UNKNOWN, evidence=SENT)
        return Result(Outcome.CONFIRMED if new else Outcome.ALREADY_EXISTS, erp_id, erp_id, "open", evidence=SENT)

    def find(self, refs: Sequence[Reference], deadline: float) -> Mapping[str, Found]:  # noqa: ARG002 -- the port's
        if self.key != KEY:
            raise Retryable("our ERP cannot be asked")
        return {ref.idempotency_key: self._found(ref) for ref in refs}

    def poll(self, handle: str, deadline: float) -> Result:  # noqa: ARG002 -- the port's
        return Result(Outcome.UNKNOWN)

    def tells_apart(self, before: Order, after: Order) -> bool:  # noqa: ARG002 -- the port's
        return True

    def read_back(self, erp_id: ErpId, deadline: float) -> Snapshot:  # noqa: ARG002 -- the port's
        for booked in self.erp.orders.get(erp_id.partition("/")[0], []):
            if booked[0] == erp_id:
                return _snapshot(*booked[:3])
        raise Retryable(f"our ERP has no {erp_id}")

    def changes(self, kind: ChangeKind, cursor: str | None, deadline: float) -> Page:  # noqa: ARG002 -- the port's
        return Page()

    def read_stock(self, query: StockQuery, cursor: str | None, deadline: float) -> StockPage:  # noqa: ARG002 -- the port's
        return StockPage()

    def preview(self, document: Document, ref: Reference, deadline: float) -> Preview:  # noqa: ARG002 -- the port's
        return Preview()

    def close(self) -> None:
        pass

    def _found(self, ref: Reference) -> Found:
        booked = [_snapshot(*one[:3]) for one in self.erp.orders.get(ref.external_ref, [])]
        presence = (Presence.ABSENT, Presence.ONE)[len(booked)] if len(booked) < 2 else Presence.MANY
        return Found(presence, tuple(booked))


def _refused(outcome: Outcome, code: str, words: str, *, path: str = "", hint: str = "") -> Result:
    return Result(outcome, messages=(ErpMessage("error", code, words, path),), hint=hint)


def _undone(fault: Fault | None, deadline: float) -> Result | None:
    """What the failures answer that leave everything undone."""
    match fault:
        case Fault.SILENCE:
            time.sleep(deadline)
            return Result(Outcome.UNKNOWN, evidence=SENT)
        case Fault.LOST_REQUEST | Fault.ERROR_BEFORE:
            return Result(Outcome.UNKNOWN, evidence=SENT)
        case Fault.UNAVAILABLE | Fault.THROTTLED:
            return Result(Outcome.RETRY_LATER, retry_after=WAITS[fault], evidence=SENT)
        case Fault.REFUSED:
            return _refused(Outcome.REJECTED_BUSINESS, REFUSAL_CODE, REFUSAL_WORDS)
        case _:
            return None


def _snapshot(erp_id: ErpId, order: Order, ref: Reference) -> Snapshot:
    lines = tuple(SnapshotLine(line.line_ref, line.sku, line.quantity, line.total) for line in order.lines)
    return Snapshot(
        erp_id, erp_id, ref.external_ref, ref.revision, "open", order.currency, lines, order.totals, ref.event_id
    )


class OurHarness(Harness):
    """One dictionary and three adapters for it."""

    skus = ("BAG", "CUP")
    unknown_sku = "NO-SUCH"
    secrets = (KEY, STRANGER)
    followers = ()
    reversible = frozenset()
    limits: Mapping[str, int] = {"order.customer_note": LONGEST_NOTE}

    def __init__(self) -> None:
        self.erp = OurErp()
        self.adapter, self.stranger, self.unreachable = (OurAdapter(self.erp, key) for key in (KEY, STRANGER, None))
        self._last = 0

    def new_reference(self) -> str:
        self._last += 1
        return f"S-{self._last}"

    def inject(self, operation: Operation, fault: Fault, reference: str) -> None:  # noqa: ARG002 -- there is one
        self.erp.faults[reference] = fault

    def documents(self, reference: str) -> int:
        return len(self.erp.orders.get(reference, []))

    def held(self, reference: str) -> str:
        (booked,) = self.erp.orders[reference]
        return "\n".join([booked[3], *_texts({**booked[1].source, "order": {"mail": _mail(booked[1])}})])


def _mail(order: Order) -> object:
    return order.source["order"]["customer_email"]


def _texts(value: Any) -> list[str]:  # noqa: ANN401 -- whatever a payload holds
    if isinstance(value, dict):
        who = [" ".join(str(value[name]) for name in ("firstname", "lastname"))] if "firstname" in value else []
        return who + [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [str(value)]


@pytest.fixture(scope="module")
def harness() -> OurHarness:
    return OurHarness()


OTHERS = [kind for kind in DocumentKind if kind is not DocumentKind.ORDER]


class TestOurErp(AdapterConformance):
    lacks: ClassVar = {
        **dict.fromkeys((*ChangeKind, *OTHERS), "our ERP is asked for nothing but orders"),
        **dict.fromkeys((Trait.LATER, Trait.QUOTA, Trait.STALE, Trait.TWICE, Trait.CLOSED_PERIOD), "not built yet"),
        **dict.fromkeys(
            (Trait.CREDIT_LIMIT, Trait.LINE_DECISIONS, Trait.PARTIAL_DELIVERY, Trait.INTENTS), "not built yet"
        ),
        **dict.fromkeys((Trait.CUSTOM_FIELDS_READ_BACK, Trait.PARTLY_REFUSED, Trait.STOCK_LEVELS), "not built yet"),
        **dict.fromkeys(
            (Fault.LOCKED, Fault.EXPIRED, Fault.SHORTENED, Fault.PRICE_CHANGED, Fault.ROUNDED, Fault.MERGED),
            "a dictionary does not do that",
        ),
    }
