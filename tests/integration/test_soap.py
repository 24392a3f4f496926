"""Orders from the outbox to a SOAP ERP: once, compared, cancelled, refused in its words, and told in Magento."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from erp_adapters.registry import AdapterConfiguration, build
from sidecar.domain.events import OutboxId
from sidecar.ports import ErpAdapter
from tests.support.kontor import PASSWORD, kontor
from tests.support.rig import CODES, POLICY, Hurried, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow


@dataclass
class SoapRig:
    """A rig whose ERP is Kontor."""

    rig: Rig
    erp: Sandbox

    def orders(self) -> list[tuple[str, str]]:
        rows = self.erp.rows("SELECT reference, status FROM orders ORDER BY number")
        return [(row["reference"], row["status"]) for row in rows]

    def findings(self) -> list[str]:
        return [kind for (kind,) in self.rig.shop.rows("SELECT kind FROM erp_finding")]


@pytest.fixture
def soap(database: Database, erp: Sandbox, tmp_path: Path) -> Iterator[SoapRig]:
    with kontor(tmp_path) as there:
        configuration = AdapterConfiguration("erp", "soap", "sandbox", f"{there.url}/soap", tmp_path, CODES)
        with closing(build(configuration, SecretStr(PASSWORD), "M1")) as adapter:

            def instead(_: ErpAdapter) -> ErpAdapter:
                return Hurried(adapter)

            policy = replace(POLICY, read_back_first=20)
            with rig_on(database, erp, wrap=instead, policy=policy) as rig:
                yield SoapRig(rig, there)


def test_an_order_is_booked_and_says_the_same(soap: SoapRig) -> None:
    relay = soap.rig.relay()
    event = soap.rig.shop.place(42)

    turn_until(relay, lambda: soap.rig.receipts_by_event() == {event: "delivered"})

    assert soap.orders() == [("M1-42", "open")]
    assert soap.findings() == []


@pytest.mark.parametrize("kind", ["lose_request", "lose_response_after_commit", "http_500_after_commit"])
def test_whatever_is_lost_on_the_way_there_is_one_order(soap: SoapRig, kind: str) -> None:
    soap.erp.plan({"operation": "order.create", "nth": 1, "kind": kind})
    relay = soap.rig.relay()

    event = soap.rig.shop.place(42)

    turn_until(relay, lambda: bool(soap.rig.receipts_by_event()))
    assert soap.rig.receipts_by_event()[event] in ("delivered", "already_there")
    assert soap.orders() == [("M1-42", "open")]


def test_a_line_that_the_erp_dropped_becomes_a_finding(soap: SoapRig) -> None:
    soap.erp.plan({"operation": "order.create", "nth": 1, "kind": "drop_line"})
    relay = soap.rig.relay()
    event = soap.rig.shop.place(42)

    turn_until(relay, lambda: soap.rig.receipts_by_event() == {event: "delivered"})

    turn_until(relay, lambda: "line_missing" in soap.findings())


def test_an_order_that_is_cancelled_in_magento_is_cancelled_there(soap: SoapRig) -> None:
    relay = soap.rig.relay()
    placed = soap.rig.shop.place(42)
    turn_until(relay, lambda: soap.rig.receipts_by_event() == {placed: "delivered"})

    cancelled = soap.rig.shop.cancel(42)

    turn_until(relay, lambda: soap.rig.receipts_by_event() == {placed: "delivered", cancelled: "delivered"})
    assert soap.orders() == [("M1-42", "cancelled")]


def test_a_refusal_within_a_good_reply_parks_the_order_in_the_words_of_the_erp(soap: SoapRig) -> None:
    soap.erp.plan(
        {"operation": "order.create", "nth": 1, "kind": "reject", "code": "CREDIT_BLOCKED", "message": "Enough."}
    )
    relay = soap.rig.relay()
    event = soap.rig.shop.place(42)
    turn_until(relay, lambda: soap.rig.states() == {event: "parked"})

    ((fault, hint),) = soap.rig.shop.rows("SELECT fault, hint FROM erp_delivery")
    assert fault == "CREDIT_BLOCKED: Enough."
    assert "credit department" in hint
    assert soap.rig.insights.retry_event(POLICY.name, OutboxId(event), "ann", "they released him")

    turn_until(relay, lambda: soap.rig.receipts_by_event() == {event: "delivered"})
    assert soap.orders() == [("M1-42", "open")]
