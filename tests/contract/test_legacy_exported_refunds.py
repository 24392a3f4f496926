"""Every credit memo of a real shop arrives in the ERP line for line and cent for cent."""

from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from erp_adapters.conformance.documents import order_reference
from erp_adapters.conformance.refund_documents import refund_reference
from erp_adapters.registry import AdapterConfiguration, build
from sidecar.domain.delivery import EntityType, ErpId, Outcome
from sidecar.domain.documents import OrderDocument, RefundDocument
from sidecar.domain.order import order_of, parse_payload
from sidecar.domain.reconciliation import OrderFacts, compare
from sidecar.domain.refund import refund_of
from tests.support.exported_shop import DOCUMENT_TABLES, exported_documents, exported_orders, load_exported_shop
from tests.support.payload_core import outbox_rows
from tests.support.sandbox import API_KEY, sandbox
from tests.support.servers import Database

ANY_CODE = {"*": "ANY"}


@pytest.mark.mariadb
@pytest.mark.needs_shared
@pytest.mark.needs_php
def test_every_credit_memo_of_a_real_shop_arrives_line_for_line_and_cent_for_cent(
    database: Database, tmp_path: Path
) -> None:
    load_exported_shop(database, DOCUMENT_TABLES)
    memos = [
        refund_of(parse_payload(row["payload"])) for row in outbox_rows(exported_documents(database, "creditmemo"))
    ]
    placed = [order_of(parse_payload(row["payload"])) for row in outbox_rows(exported_orders(database))]
    orders = {order.entity_id: order for order in placed}
    code_maps = {"payment_methods": ANY_CODE, "shipping_methods": ANY_CODE}

    differences, there = {}, dict[int, ErpId]()
    with sandbox(tmp_path) as erp:
        configuration = AdapterConfiguration("erp", "legacy", "sandbox", erp.url, tmp_path, code_maps)
        with closing(build(configuration, SecretStr(API_KEY), "test")) as adapter:
            for memo in memos:
                if memo.order_entity_id not in there:
                    ref = order_reference(f"test-{memo.order_entity_id}")
                    there[memo.order_entity_id] = ErpId(
                        adapter.submit(OrderDocument(orders[memo.order_entity_id]), ref, 10).erp_id or ""
                    )
                ref = refund_reference(f"test-R-{memo.entity_id}", there[memo.order_entity_id])
                result = adapter.submit(RefundDocument(memo), ref, 10)
                assert result.outcome is Outcome.CONFIRMED, f"{memo.increment_id}: {result.words()}"
                found = adapter.find([ref], 10)[ref.idempotency_key]
                facts = OrderFacts(
                    memo.entity_id, memo.increment_id, memo.currency, memo.lines, memo.totals, kind=EntityType.REFUND
                )
                differences[memo.increment_id] = compare("erp", "test", facts, found.snapshots, Decimal(0))
        dropped = {row["dropped"] for row in erp.rows("SELECT dropped FROM refunds")}

    assert len(differences) == len(memos) > 10
    assert {number: found for number, found in differences.items() if found} == {}
    assert dropped == {"[]"}
