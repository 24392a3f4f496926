"""What an ERP would be told: the exact request, by the blueprint in force or by one that is tried, and nothing sent."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from sidecar.domain.errors import NotPossible
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.engine.previewer import BUILT
from sidecar.telemetry import Telemetry
from sidecar.wiring import Previews, install
from tests.support.daemon import Configured
from tests.support.patience import wait_until
from tests.support.sandbox import Sandbox
from tests.support.shop import Shop

ERP = DestinationName("erp")


@pytest.fixture
def previews(sidecar: Configured) -> Iterator[Previews]:
    with install(sidecar.settings, Telemetry()) as installation:
        yield Previews(installation)


def tried(sidecar: Configured, **changes: object) -> Path:
    """Another blueprint beside the one in force."""
    values = yaml.safe_load((sidecar.folder / "blueprint.yaml").read_text(encoding="utf-8"))
    values["destinations"]["erp"].update(changes)
    path = sidecar.folder / "tried.yaml"
    path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return path


def body_of(previews: Previews, number: str = "000000042") -> dict[str, Any]:
    told = previews.told(ERP, previews.order(number, None), None)
    (request,) = told.preview.requests
    body: dict[str, Any] = json.loads(request.body)
    return body


def test_an_order_s_latest_version_is_shown_as_it_would_go(shop: Shop, erp: Sandbox, previews: Previews) -> None:
    shop.place(42)
    newest = shop.update(42, quantity="3.0000")

    told = previews.told(ERP, previews.order("000000042", None), None)

    (request,) = told.preview.requests
    assert (told.event.id, told.ref.external_ref) == (newest, "shop-42")
    assert (request.method, request.address) == ("POST", f"{erp.url}/api/orders")
    assert request.headers["Content-Type"] == "application/json"
    assert "X-Api-Key" not in request.headers
    assert [line["quantity"] for line in json.loads(request.body)["lines"]] == ["3.0000", "3.0000"]
    assert erp.rows("SELECT number FROM orders") == []
    assert shop.rows("SELECT COUNT(*) FROM erp_delivery") == [(0,)]


def test_a_blueprint_is_tried_before_it_goes_live_and_says_which_rule_made_the_difference(
    shop: Shop, sidecar: Configured, previews: Previews
) -> None:
    shop.place(42)
    case = {
        "name": "hazmat by courier",
        "owner": "logistics",
        "reason": "the depot moves",
        "until": "2099-12-31",
        "when": {"skus": ["sku-2"]},
        "code_maps": {"shipping_methods": {"*": "COURIER"}},
    }
    store = {1: {"code_maps": {"payment_methods": {"checkmo": "CHEQUE"}}}}

    with install(sidecar.settings, Telemetry(), tried(sidecar, special_cases=[case], per_store=store)) as installation:
        trial = Previews(installation)
        as_tried, told = body_of(trial), trial.told(ERP, trial.order("42", None), None)
        fired = trial.fired(ERP, told.document)

    assert (body_of(previews)["payment"]["method"], as_tried["payment"]["method"]) == ("CHECK", "CHEQUE")
    assert as_tried["shipping"]["method"] == "COURIER"
    assert fired == [
        ("code_maps.payment_methods.checkmo", "CHEQUE", "store 1"),
        (
            "code_maps.shipping_methods.*",
            "COURIER",
            "special case hazmat by courier of logistics, until 2099-12-31",
        ),
    ]


def test_what_could_not_be_sent_says_which_entry_to_add(shop: Shop, previews: Previews) -> None:
    shop.place(42, method="newpay")

    refusal = previews.told(ERP, previews.order("42", None), None).preview.refusal

    assert refusal is not None
    assert [entry.key for entry in refusal.missing] == ["payment_methods.newpay"]


def test_a_number_that_several_stores_have_needs_the_store(shop: Shop, previews: Previews) -> None:
    shop.place(42, store=1)
    shop.place(43, store=4)
    shop.execute("UPDATE sales_order SET increment_id = '000000042'")

    with pytest.raises(NotPossible, match="000000042 names no one order: 42 in store 1; 43 in store 4") as refused:
        previews.order("000000042", None)

    assert "--store" in refused.value.hint
    assert previews.order("000000042", 4).entity_id == 43
    assert previews.order("43", None).entity_id == 43


def test_an_order_whose_events_are_gone_is_built_from_magento_s_tables(shop: Shop, previews: Previews) -> None:
    shop.place_past_the_module(42)

    told = previews.told(ERP, previews.order("000000042", None), None)

    assert told.notes == (BUILT,)
    assert told.preview.requests


def test_one_event_is_previewed_as_it_was_and_one_of_stock_makes_no_document(shop: Shop, previews: Previews) -> None:
    placed = shop.place(42)
    shop.update(42, quantity="3.0000")
    delta = shop.adjust("sku-1", "-1.0000")

    told = previews.told(ERP, None, OutboxId(placed))

    assert [line["quantity"] for line in json.loads(told.preview.requests[0].body)["lines"]] == ["2.0000", "2.0000"]
    with pytest.raises(NotPossible, match="no document of this ERP is made of InventoryAdjusted"):
        previews.told(ERP, None, OutboxId(delta))
    with pytest.raises(NotPossible, match="the outbox has no event 9999"):
        previews.told(ERP, None, OutboxId(9999))


def test_a_refund_names_the_document_of_its_order_and_a_customer_needs_none(shop: Shop, previews: Previews) -> None:
    shop.place(42)
    memo, saved = shop.refund(17), shop.save_customer(7)

    before = previews.told(ERP, None, OutboxId(memo))
    shop.execute(
        "INSERT INTO erp_document (destination, entity_type, entity_id, external_ref, erp_id, erp_number, erp_status,"
        " revision, payload_sha256, blueprint_version)"
        " VALUES ('erp', 'order', 42, 'shop-42', 'SO-9', 'SO-9', 'open', 1, '', '1')"
    )
    refund, customer = previews.told(ERP, None, OutboxId(memo)), previews.told(ERP, None, OutboxId(saved))

    assert before.notes == ("the ERP has not confirmed the order that the credit memo is for: it is not told before",)
    assert (refund.ref.external_ref, refund.ref.target, refund.notes) == ("shop-R-17", "SO-9", ())
    assert "SO-9" in refund.preview.requests[0].body
    assert (customer.ref.external_ref, len(customer.preview.requests)) == ("shop-C-7", 1)


@pytest.mark.slow
def test_an_order_that_the_erp_has_is_previewed_as_a_change_and_older_events_are_found(
    shop: Shop, previews: Previews, sidecar: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = shop.place(42)
    with sidecar.daemon() as daemon:
        wait_until(
            lambda: shop.rows("SELECT COUNT(*) FROM erp_document") == [(1,)],
            lambda: "the order was never confirmed",
            timedelta(seconds=30),
        )
        assert daemon.stop() == 0
    monkeypatch.setattr("sidecar.mysql.preview_store.NEWEST", 0)

    told = previews.told(ERP, previews.order("42", None), None)

    assert told.event.id == placed
    assert (told.ref.kind, told.preview.requests[0].method) == ("order_change", "PUT")
    assert told.preview.requests[0].address.endswith(f"/api/orders/{told.ref.target}")


@pytest.mark.slow
def test_the_command_prints_the_request_for_people_and_for_programs(shop: Shop, sidecar: Configured) -> None:
    shop.place(42)
    shop.place(43, method="newpay")

    shown = sidecar.run("mapping", "preview", "000000042")
    as_json = json.loads(sidecar.run("--json", "mapping", "preview", "42", "--destination", "erp").stdout)
    refused = sidecar.run("mapping", "preview", "43")
    unnamed = sidecar.run("mapping", "preview")
    unknown = sidecar.run("mapping", "preview", "4711")

    assert (shown.returncode, refused.returncode, unnamed.returncode, unknown.returncode) == (0, 1, 1, 1)
    assert shown.stderr == ""
    assert '"customerReference": "000000042"' in shown.stdout
    assert "The general rules alone hold for it." in shown.stdout
    assert [one["kind"] for one in as_json] == ["order"]
    assert json.loads(as_json[0]["requests"][0]["body"])["customerReference"] == "000000042"
    assert "Nothing would be sent: MAPPING: payment.method: 'newpay' has no entry" in refused.stdout
    assert "add code_maps.payment_methods.newpay" in refused.stdout
    assert "an order or an event has to be named" in unnamed.stderr
    assert "Magento has no order 4711" in unknown.stderr
