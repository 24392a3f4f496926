"""Every order of a real shop arrives in the ERP line for line and cent for cent."""

from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from erp_adapters.conformance.documents import order_reference
from erp_adapters.registry import AdapterConfiguration, build
from sidecar.domain.delivery import Outcome
from sidecar.domain.documents import OrderDocument
from sidecar.domain.order import order_of, parse_payload
from sidecar.domain.reconciliation import OrderFacts, compare
from tests.support.exported_shop import ORDER_TABLES, exported_manifest, exported_orders, load_exported_shop
from tests.support.payload_core import outbox_rows
from tests.support.sandbox import API_KEY, sandbox
from tests.support.servers import Database

ANY_CODE = {"*": "ANY"}


@pytest.mark.mariadb
@pytest.mark.needs_shared
@pytest.mark.needs_php
def test_every_order_of_a_real_shop_arrives_line_for_line_and_cent_for_cent(database: Database, tmp_path: Path) -> None:
    load_exported_shop(database, ORDER_TABLES)
    orders = [order_of(parse_payload(row["payload"])) for row in outbox_rows(exported_orders(database))]
    code_maps = {"payment_methods": ANY_CODE, "shipping_methods": ANY_CODE}

    differences = {}
    with sandbox(tmp_path) as erp:
        configuration = AdapterConfiguration("erp", "legacy", "sandbox", erp.url, tmp_path, code_maps)
        with closing(build(configuration, SecretStr(API_KEY), "test")) as adapter:
            for order in orders:
                ref = order_reference(f"test-{order.entity_id}")
                result = adapter.submit(OrderDocument(order), ref, 10)
                assert result.outcome is Outcome.CONFIRMED, f"{order.increment_id}: {result.words()}"
                assert result.erp_id is not None
                snapshot = adapter.read_back(result.erp_id, 10)
                facts = OrderFacts(order.entity_id, order.increment_id, order.currency, order.lines, order.totals)
                differences[order.increment_id] = compare("erp", "test", facts, [snapshot], Decimal(0))

    assert set(exported_manifest()) <= set(differences)
    assert {number: found for number, found in differences.items() if found} == {}
