"""The client against a server that behaves like Magento's REST: each call, each failure, and what the shop has then."""

import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from sidecar.domain.delivery import Outcome
from sidecar.domain.inbound import DocumentLine, DocumentRequest, InboundTrack, MagentoAnswer
from sidecar.magento.client import RestServices
from sidecar.ports.magento import MagentoServices
from tests.support.declared_schema import declared_table
from tests.support.magento_rest import RESOURCES, Call, Fault, MagentoRest, Moment
from tests.support.scripted_http import Listener, silent
from tests.support.servers import Database
from tests.support.shop import Shop

pytestmark = [pytest.mark.needs_php, pytest.mark.slow]

ORDER, PAID_BY_CARD = 42, 43
MARK = "delivery 8000123 of erp"
DEADLINE = 20.0
SHORT = 0.3
TRACK = InboundTrack("ups", "UPS", "1Z9")


@pytest.fixture
def shop(database: Database) -> Shop:
    """A shop with two orders of two lines of two pieces; one is paid by check, one by card."""
    shop = Shop(database)
    shop.execute(declared_table("erp_outbox"))
    shop.place(ORDER)
    shop.place(PAID_BY_CARD, method="authorizenet")
    return shop


@pytest.fixture
def services(magento: MagentoRest) -> Iterator[MagentoServices]:
    services = RestServices(magento.base_url, SecretStr(magento.token))
    yield services
    services.close()


def some(order_id: int = ORDER, quantity: str = "1", **more: Any) -> DocumentRequest:  # noqa: ANN401 -- its fields
    """A request for one line of an order."""
    line = DocumentLine(order_id * 10 + 1, Decimal(quantity), back_to_stock=more.pop("back_to_stock", False))
    return DocumentRequest(MARK, (line,), **more)


def count(shop: Shop, table: str) -> int:
    return int(shop.rows(f"SELECT COUNT(*) FROM {table}")[0][0])  # noqa: S608 -- our own names


def outcome(answer: MagentoAnswer) -> tuple[Outcome, int]:
    return answer.outcome, answer.entity_id


# --- What is done -----------------------------------------------------------------------------------


def test_a_shipment_bears_our_mark_and_is_told_as_the_erps(shop: Shop, services: MagentoServices) -> None:
    answer = services.ship(ORDER, some(tracks=(TRACK,)), DEADLINE)

    assert outcome(answer) == (Outcome.CONFIRMED, 1)
    assert shop.rows("SELECT comment, is_visible_on_front, is_customer_notified FROM sales_shipment_comment") == [
        (MARK, 0, 0)
    ]
    assert shop.rows("SELECT track_number, title, carrier_code FROM sales_shipment_track") == [("1Z9", "UPS", "ups")]
    assert shop.rows("SELECT DISTINCT origin FROM erp_outbox WHERE type <> 'OrderPlaced'") == [("erp",)]


def test_a_track_is_added_to_its_shipment(shop: Shop, services: MagentoServices) -> None:
    services.ship(ORDER, some(), DEADLINE)

    answer = services.add_track(1, ORDER, TRACK, DEADLINE)

    assert outcome(answer) == (Outcome.CONFIRMED, 1)
    assert shop.rows("SELECT parent_id, order_id, track_number FROM sales_shipment_track") == [(1, ORDER, "1Z9")]


def test_an_invoice_takes_money_only_where_that_is_said(
    shop: Shop, services: MagentoServices, magento: MagentoRest
) -> None:
    free = services.invoice(PAID_BY_CARD, some(PAID_BY_CARD), DEADLINE)
    taken = services.invoice(PAID_BY_CARD, some(PAID_BY_CARD, capture=True), DEADLINE)

    assert [outcome(free), outcome(taken)] == [(Outcome.CONFIRMED, 1), (Outcome.CONFIRMED, 2)]
    assert magento.money() == [("capture", PAID_BY_CARD, Decimal(5))]
    assert count(shop, "sales_invoice") == 2


def test_an_offline_refund_moves_no_money_and_no_shipping_that_nobody_named(
    shop: Shop, services: MagentoServices, magento: MagentoRest
) -> None:
    services.invoice(ORDER, some(quantity="2"), DEADLINE)

    answer = services.refund_order(ORDER, some(adjustment_positive=Decimal("0.10")), DEADLINE)

    assert outcome(answer) == (Outcome.CONFIRMED, 1)
    assert shop.rows("SELECT shipping_amount, grand_total FROM sales_creditmemo") == [(Decimal(0), Decimal("5.10"))]
    assert magento.money() == []


def test_a_refund_of_an_invoice_gives_money_back_only_where_that_is_said(
    shop: Shop, services: MagentoServices, magento: MagentoRest
) -> None:
    services.invoice(PAID_BY_CARD, some(PAID_BY_CARD, "2", capture=True), DEADLINE)

    offline = services.refund_invoice(1, some(PAID_BY_CARD), DEADLINE)
    online = services.refund_invoice(1, some(PAID_BY_CARD, online=True, shipping=Decimal(5)), DEADLINE)

    assert [outcome(offline), outcome(online)] == [(Outcome.CONFIRMED, 1), (Outcome.CONFIRMED, 2)]
    assert magento.money()[1:] == [("refund", PAID_BY_CARD, Decimal(10))]
    assert count(shop, "sales_creditmemo") == 2


def test_what_came_back_into_stock_is_told_with_the_credit_memo(shop: Shop, services: MagentoServices) -> None:
    services.invoice(ORDER, some(quantity="2"), DEADLINE)

    services.refund_order(ORDER, some(back_to_stock=True), DEADLINE)

    ((payload,),) = shop.rows("SELECT payload FROM erp_outbox WHERE type = 'CreditmemoCreated'")
    assert '"back_to_stock":true' in payload


def test_an_order_is_cancelled_and_a_second_time_refused(shop: Shop, services: MagentoServices) -> None:
    first, second = services.cancel(ORDER, DEADLINE), services.cancel(ORDER, DEADLINE)

    assert [outcome(first), outcome(second)] == [(Outcome.CONFIRMED, 0), (Outcome.REJECTED_BUSINESS, 0)]
    assert shop.rows("SELECT state FROM sales_order WHERE entity_id = %s", ORDER) == [("canceled",)]


# --- What is refused --------------------------------------------------------------------------------


def test_a_refusal_comes_in_magentos_words_and_leaves_nothing(shop: Shop, services: MagentoServices) -> None:
    shop.execute("UPDATE sales_order SET state = 'holded', status = 'holded' WHERE entity_id = %s", ORDER)

    answer = services.ship(ORDER, some(), DEADLINE)

    assert (answer.outcome, answer.status) == (Outcome.REJECTED_BUSINESS, 400)
    assert "A shipment cannot be created when an order has a status of holded" in answer.words
    assert count(shop, "sales_shipment") == 0


def test_a_refusals_parameters_are_put_into_its_words(services: MagentoServices, shop: Shop) -> None:
    services.invoice(ORDER, some(), DEADLINE)

    answer = services.refund_order(ORDER, some(shipping=Decimal(9)), DEADLINE)

    assert answer.words == "Maximum shipping amount allowed to refund is: 5.00"
    assert count(shop, "sales_creditmemo") == 0


def test_an_order_that_is_not_there_is_a_refusal(services: MagentoServices, shop: Shop) -> None:
    answer = services.invoice(4711, some(), DEADLINE)

    assert (answer.outcome, answer.status, count(shop, "sales_invoice")) == (Outcome.REJECTED_BUSINESS, 404, 0)


def test_a_request_without_items_is_not_sent_because_magento_would_take_all(
    services: MagentoServices, magento: MagentoRest, shop: Shop
) -> None:
    nothing = DocumentRequest(MARK)

    answers = [
        services.ship(ORDER, nothing, DEADLINE),
        services.invoice(ORDER, nothing, DEADLINE),
        services.refund_order(ORDER, nothing, DEADLINE),
        services.refund_invoice(1, nothing, DEADLINE),
    ]

    assert {answer.outcome for answer in answers} == {Outcome.REJECTED_BUSINESS}
    assert (magento.calls(), count(shop, "sales_shipment")) == ([], 0)


def test_a_refund_that_failed_after_the_provider_was_asked_says_so(
    shop: Shop, services: MagentoServices, magento: MagentoRest
) -> None:
    services.invoice(PAID_BY_CARD, some(PAID_BY_CARD, capture=True), DEADLINE)
    magento.fail_next("save_fails", on="refund_invoice")

    answer = services.refund_invoice(1, some(PAID_BY_CARD, online=True), DEADLINE)

    assert answer.outcome is Outcome.REJECTED_BUSINESS
    assert "the payment provider may have moved the money" in answer.words
    assert ("refund", PAID_BY_CARD, Decimal(5)) in magento.money()
    assert count(shop, "sales_creditmemo") == 0


def test_a_capture_that_the_provider_declined_is_refused_and_leaves_no_invoice(
    shop: Shop, services: MagentoServices, magento: MagentoRest
) -> None:
    magento.fail_next("gateway_declines", on="invoice")

    answer = services.invoice(PAID_BY_CARD, some(PAID_BY_CARD, capture=True), DEADLINE)

    assert answer.outcome is Outcome.REJECTED_BUSINESS
    assert answer.words.startswith("Could not save an invoice, see error log for details; the payment provider may")
    assert (count(shop, "sales_invoice"), magento.money()) == (0, [])


# --- What is not known ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "expected", "shipments"),
    [
        ("maintenance", Outcome.RETRY_LATER, 0),
        ("throttled", Outcome.RETRY_LATER, 0),
        ("error_page", Outcome.UNKNOWN, 0),
        ("not_json", Outcome.UNKNOWN, 0),
        ("error_after_commit", Outcome.UNKNOWN, 1),
        ("cut_answer", Outcome.UNKNOWN, 1),
    ],
)
def test_the_answer_alone_decides_whether_it_may_have_been_done(
    fault: Fault, expected: Outcome, shipments: int, shop: Shop, services: MagentoServices, magento: MagentoRest
) -> None:
    magento.fail_next(fault, on="ship")

    answer = services.ship(ORDER, some(), DEADLINE)

    assert (answer.outcome, count(shop, "sales_shipment")) == (expected, shipments)


@pytest.mark.parametrize(
    ("fault", "moment", "shipments"), [("lost_answer", "committed", 1), ("held", "held", 1), ("rolled_back", "held", 0)]
)
def test_a_call_that_outlasts_its_deadline_is_unknown_whatever_becomes_of_it(
    fault: Fault, moment: Moment, shipments: int, shop: Shop, services: MagentoServices, magento: MagentoRest
) -> None:
    magento.fail_next(fault, on="ship")
    with magento.gate_closed():
        answer = services.ship(ORDER, some(), SHORT)
        magento.wait_for(moment)
    magento.wait_for("rolled back" if shipments == 0 else "committed")

    assert (answer.outcome, answer.words) == (Outcome.UNKNOWN, "no answer within 0.3 s")
    assert count(shop, "sales_shipment") == shipments


def test_the_same_call_again_would_make_a_second_document(
    shop: Shop, services: MagentoServices, magento: MagentoRest
) -> None:
    magento.fail_next("cut_answer", on="ship")
    services.ship(ORDER, some(), DEADLINE)
    services.ship(ORDER, some(), DEADLINE)

    assert count(shop, "sales_shipment") == 2


def test_a_magento_that_is_not_there_was_sent_nothing() -> None:
    gone = Listener(silent)
    gone.close()
    services = RestServices(f"http://{gone.address}", SecretStr("token"))

    answer = services.cancel(ORDER, DEADLINE)
    services.close()

    assert answer.outcome is Outcome.NOT_SENT


# --- Who asks ---------------------------------------------------------------------------------------


def test_a_revoked_token_is_retried_and_a_person_is_told(
    shop: Shop, services: MagentoServices, magento: MagentoRest, caplog: pytest.LogCaptureFixture
) -> None:
    magento.revoke()

    with caplog.at_level(logging.DEBUG):
        answer = services.ship(ORDER, some(), DEADLINE)

    assert (answer.outcome, answer.status) == (Outcome.RETRY_LATER, 401)
    assert "erp-sidecar doctor" in answer.words
    assert magento.token not in f"{answer!r}{services!r}{caplog.text}"
    assert count(shop, "sales_shipment") == 0


@pytest.mark.usefixtures("shop")
def test_behind_a_virtual_host_magento_is_asked_by_its_own_name(magento: MagentoRest) -> None:
    services = RestServices(magento.base_url, SecretStr(magento.token), host="shop.example")
    services.cancel(ORDER, DEADLINE)
    services.close()

    headers = magento.calls("cancel")[0]["headers"]
    assert (headers["host"], headers["path"]) == ("shop.example", f"/rest/V1/orders/{ORDER}/cancel")


# --- The probe --------------------------------------------------------------------------------------


@pytest.fixture
def untouched(shop: Shop) -> Iterator[None]:
    """Fails a test whose probe left anything in the shop."""
    before = [shop.rows(f"SELECT * FROM {table}") for table in ("sales_order", "sales_order_item", "erp_outbox")]  # noqa: S608
    yield
    assert before == [
        shop.rows(f"SELECT * FROM {table}")  # noqa: S608 -- our own names
        for table in ("sales_order", "sales_order_item", "erp_outbox")
    ]
    assert count(shop, "sales_shipment_track") == 0


@pytest.mark.usefixtures("untouched")
def test_a_probe_finds_a_shop_that_lets_us_do_everything(services: MagentoServices, magento: MagentoRest) -> None:
    health = services.probe()

    asked: set[Call] = {"origin", "ship", "track", "invoice", "refund_order", "refund_invoice", "cancel"}
    assert (health.reachable, health.product, health.problems) == (True, "Magento", ())
    assert health.clock_skew is not None
    assert {call["call"] for call in magento.calls()} == asked


@pytest.mark.usefixtures("untouched")
def test_a_probe_names_each_permission_that_is_missing(services: MagentoServices, magento: MagentoRest) -> None:
    magento.allow(*(resource for resource in RESOURCES if resource != "Magento_Sales::cancel"))

    (problem,) = services.probe().problems

    assert problem.startswith("the sidecar may not cancel orders: allow its integration Magento_Sales::cancel")


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("cause", ["revoked", "no bearer"])
def test_a_probe_says_once_that_the_token_is_accepted_for_nothing(
    cause: str, services: MagentoServices, magento: MagentoRest
) -> None:
    magento.revoke() if cause == "revoked" else magento.change(bearer=False)

    (problem,) = services.probe().problems

    assert "config:set oauth/consumer/enable_integration_as_bearer 1" in problem


@pytest.mark.usefixtures("untouched")
def test_a_probe_warns_of_a_persons_token_whose_changes_would_be_sent_back(
    services: MagentoServices, magento: MagentoRest
) -> None:
    magento.allow(*RESOURCES, kind="admin")

    (problem,) = services.probe().problems

    assert "would be sent back to the ERP" in problem
    assert "not of a person" in problem


@pytest.mark.usefixtures("untouched")
def test_a_probe_tells_of_a_module_that_is_older(services: MagentoServices, magento: MagentoRest) -> None:
    magento.change(has_module_route=False)

    (problem,) = services.probe().problems

    assert problem.startswith("the module ErpSidecar_Outbox does not say what it takes our changes for")


@pytest.mark.usefixtures("untouched")
def test_a_probe_in_maintenance_finds_no_fault_with_the_permissions(
    services: MagentoServices, magento: MagentoRest
) -> None:
    magento.fail_next("maintenance", on="origin")

    (problem,) = services.probe().problems

    assert "HTTP 503" in problem
    assert [call["call"] for call in magento.calls()] == ["origin"]


def test_a_probe_of_nothing_says_where_it_asked() -> None:
    gone = Listener(silent)
    gone.close()
    services = RestServices(f"http://{gone.address}", SecretStr("token"))

    health = services.probe()
    services.close()

    assert not health.reachable
    assert health.problems[0].startswith(f"Magento does not answer at http://{gone.address}/rest/V1 (no connection")
