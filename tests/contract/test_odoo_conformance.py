"""The Odoo adapter keeps the promises of the port against a real Odoo, over a way on which calls fail on demand."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from erp_adapters.odoo import OdooAdapter, OdooTerms
from erp_adapters.odoo.walking import Walk
from erp_adapters.registry import AdapterConfiguration, build
from tests.support.faulty_way import Body, FaultyWay, Rule, faulty_way
from tests.support.odoo import (
    COMPANY,
    DISCOUNT,
    PRICELISTS,
    SHIPPING,
    SKUS,
    TAXES,
    URL,
    People,
    a_new_reference,
    adapters_key,
    people,
)

for module in ("suite", "steps", "following"):
    pytest.register_assert_rewrite(f"erp_adapters.conformance.{module}")

from erp_adapters.conformance.documents import order, order_reference  # noqa: E402 -- after the rewriting of asserts
from erp_adapters.conformance.following import FollowsChanges  # noqa: E402
from erp_adapters.conformance.harness import REFUSAL_CODE, REFUSAL_WORDS, Fault, Operation  # noqa: E402
from erp_adapters.conformance.steps import DEADLINE, Orders  # noqa: E402
from erp_adapters.conformance.suite import ChangesOrders, CreatesOrders, FindsOrders, KeepsSecrets  # noqa: E402
from sidecar.domain.delivery import ChangeKind, DocumentKind, ErpId, Outcome, Presence  # noqa: E402
from sidecar.domain.documents import OrderCancellation, OrderDocument  # noqa: E402
from sidecar.ports import ErpAdapter  # noqa: E402

pytestmark = [pytest.mark.needs_odoo, pytest.mark.slow]

STRANGER = "0123456789abcdef0123456789abcdef01234567"
FROM_ELSEWHERE = (500, {"Content-Type": "text/html"}, b"<html>The gateway failed.</html>")
LAST_LINE = "881"


class OdooHarness:
    """A real Odoo and adapters for it."""

    skus = SKUS
    unknown_sku = "XX-unknown"
    reversible = frozenset({ChangeKind.INVOICES, ChangeKind.CREDIT_MEMOS})

    def __init__(self, way: FaultyWay, there: People, *, confirm: bool = False) -> None:
        self.way = way
        self.people = there
        self.key = adapters_key()
        self.secrets = (self.key, STRANGER)
        self.terms = OdooTerms(there.database, COMPANY, SHIPPING, DISCOUNT, confirm=confirm)
        self.adapter = self._adapter(way.url, self.key)
        self.stranger = self._adapter(way.url, STRANGER)
        self.unreachable = self._adapter(_closed_address(), self.key)
        assert isinstance(self.adapter, OdooAdapter)
        self.followers: Sequence[ErpAdapter] = [replace(self.adapter, walk=Walk(page=size)) for size in (3, 20)]
        self._kinds: dict[ErpId, ChangeKind] = {}

    def close(self) -> None:
        for adapter in (self.adapter, self.stranger, self.unreachable):
            adapter.close()

    def new_reference(self) -> str:
        return a_new_reference()

    def inject(self, operation: Operation, fault: Fault, reference: str) -> None:
        def fits(path: str, body: Body) -> bool:
            match operation:
                case "cancel":
                    return path.endswith("/sale.order/action_cancel")
                case _:
                    names = f"order.{reference}"
                    told = path.endswith("/sale.order/load") and "order_line/id" in body["fields"]
                    return told and body["data"][0][0].endswith(names)

        self.way.plan(_rule(fault, fits))

    def documents(self, reference: str) -> int:
        return self.people.orders(reference)

    def movements(self, reference: str) -> int:  # noqa: ARG002 -- nothing of stock is written
        return 0

    def write(self, kind: ChangeKind, order: ErpId) -> ErpId:
        key = int(order)
        match kind:
            case ChangeKind.DELIVERIES:
                return ErpId(str(self.people.deliver(key)))
            case ChangeKind.INVOICES:
                return ErpId(str(self.people.invoice(key)))
            case _:
                return ErpId(str(self.people.credit(self.people.invoice(key))))

    def take_back(self, document: ErpId) -> None:
        self.people.take_back(int(document))

    def cancel_there(self, order: ErpId) -> None:
        self.people.do("sale.order", "action_cancel", ids=[int(order)])

    def accept_later(self, reference: str) -> None:
        raise NotImplementedError("Odoo accepts nothing to do it later")

    do_work = refuse_work = forget_work = accept_later

    def _adapter(self, url: str, key: str) -> ErpAdapter:
        code_maps = {"taxes": TAXES, "pricelists": PRICELISTS}
        configuration = AdapterConfiguration("erp", "odoo", "", url, Path(), code_maps, {}, 8, self.terms)
        return build(configuration, SecretStr(key), "test")


def _rule(fault: Fault, fits: Any) -> Rule:  # noqa: ANN401 -- a predicate
    match fault:
        case Fault.LOST_REQUEST:
            return Rule(fits, before=())
        case Fault.LOST_RESPONSE:
            return Rule(fits, after=())
        case Fault.ERROR_BEFORE:
            return Rule(fits, before=FROM_ELSEWHERE)
        case Fault.ERROR_AFTER:
            return Rule(fits, after=FROM_ELSEWHERE)
        case Fault.UNAVAILABLE:
            return Rule(fits, before=(503, {"Retry-After": "2"}, {}))
        case Fault.THROTTLED:
            return Rule(fits, before=(429, {"Retry-After": "3"}, {}))
        case Fault.REFUSED:
            return Rule(fits, before=(422, {}, {"name": REFUSAL_CODE, "message": REFUSAL_WORDS}))
        case Fault.SILENCE:
            return Rule(fits, silent=True)
        case Fault.SHORTENED:
            return Rule(fits, rewrite=_without_the_second_line)


def _without_the_second_line(body: Body) -> Body:
    return {**body, "data": [row for row in body["data"] if not any(str(cell).endswith(".882") for cell in row)]}


def _closed_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(scope="module")
def there() -> People:
    found = people()
    found.prepare()
    return found


@pytest.fixture(scope="module")
def harness(there: People) -> Iterator[OdooHarness]:
    with faulty_way(os.environ[URL].rstrip("/")) as way, closing(OdooHarness(way, there)) as made:
        yield made


@pytest.fixture(scope="module")
def confirming(there: People) -> Iterator[OdooHarness]:
    with faulty_way(os.environ[URL].rstrip("/")) as way, closing(OdooHarness(way, there, confirm=True)) as made:
        yield made


class TestOdooAdapter(CreatesOrders, FindsOrders, FollowsChanges, ChangesOrders, KeepsSecrets):
    """The suite, without work that is done later and without stock: Odoo has neither for us."""
