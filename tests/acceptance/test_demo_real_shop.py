"""Every order of a real shop's export travels to the ERP, line for line and cent for cent.

The export holds orders as they ended. So the one that was cancelled is first put back to where it began and cancelled
again later, and the one on hold is seen to wait, and then unheld. Two are one cart, ordered twice at the same moment:
both are seen to wait, until one is cancelled; then the other goes.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.demonstration.checker import judge
from ops.demonstration.evidence import Magento, read_ledger, read_magento
from ops.demonstration.expectation import Expected, booked_document, expected_document
from ops.demonstration.stage import HERE, Erp, Sidecar, Stage, statements_of
from ops.embedded.demo_database import DemoDatabase
from tests.support.exported_shop import DOCUMENT_TABLES, exported_manifest, exported_orders, load_exported_shop
from tests.support.patience import wait_until
from tests.support.payload_core import outbox_rows
from tests.support.servers import Database

TWINS = ("2000000007", "2000000008")
ARRIVES_WITHIN = timedelta(seconds=60)
TABLES = DOCUMENT_TABLES | {"customer_entity", "sales_order_grid", "sales_order_status", "sales_order_status_state"}
SET_STATE = "UPDATE sales_order SET state = %s, status = %s WHERE increment_id = %s"


@pytest.mark.needs_shared
@pytest.mark.needs_php
@pytest.mark.slow
def test_every_order_of_a_real_shop_is_relayed_line_for_line_and_cent_for_cent(
    database: Database, tmp_path: Path
) -> None:
    shop = RealShop(database)
    held, cancelled = shop.numbers("holded"), shop.numbers("canceled")
    for number in cancelled:
        shop.run(SET_STATE, "new", "pending", number)
    with relaying(database, tmp_path) as stage:
        shop.announce("OrderPlaced", shop.numbers())
        shop.wait_until_acknowledged(stage, exported_manifest().keys() - {*held, *TWINS})
        assert held
        assert not shop.booked(stage).keys() & {*held, *TWINS}

        for number in held:
            shop.run(SET_STATE, "new", "pending", number)
        shop.announce("OrderUpdated", held)
        for number in (*cancelled, TWINS[1]):
            shop.run(SET_STATE, "canceled", "canceled", number)
        shop.announce("OrderCancelled", [*cancelled, TWINS[1]])
        sent = exported_manifest().keys() - {TWINS[1]}
        shop.wait_until_acknowledged(stage, sent)

        wait_until(lambda: shop.booked(stage) == shop.expected(sent), lambda: difference(shop, stage), ARRIVES_WITHIN)
        verdict = judge(shop.magento(), read_ledger(stage.ledger))

    assert shop.expected(sent).keys() == sent
    assert verdict.problems() == []
    assert verdict.released == verdict.erp_documents == verdict.acknowledged == len(sent)
    assert (verdict.twins, verdict.twins_kept_back) == (1, 1)


class RealShop:
    """The exported rows, the demonstration's tables beside them, and events made by the module's own payload core."""

    def __init__(self, database: Database) -> None:
        self._database = database
        load_exported_shop(database, TABLES)
        module = [s for s in statements_of(HERE / "magento_tables.sql") if s.startswith("ALTER")]
        demo = [s for s in statements_of(HERE / "demo_tables.sql") if s.startswith("CREATE")]
        for statement in (*module, *demo, *statements_of(HERE / "order_statuses.sql")):
            self.run(statement)

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run one statement and commit it."""
        with closing(self._database.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    def numbers(self, state: str = "%") -> list[str]:
        """The numbers of the orders in a state."""
        return [n for (n,) in self.run("SELECT increment_id FROM sales_order WHERE state LIKE %s ORDER BY 1", state)]

    def announce(self, kind: str, numbers: list[str]) -> None:
        """Commit an event with the current version of each order."""
        orders = [order for order in exported_orders(self._database) if order["order"]["increment_id"] in numbers]
        for row in outbox_rows({**order, "type": kind} for order in orders):
            columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
            self.run(f"INSERT INTO erp_outbox ({columns}) VALUES ({marks})", *row.values())  # noqa: S608 (our own)

    def magento(self) -> Magento:
        """Magento's side, for the checker."""
        with closing(self._database.connect()) as connection:
            return read_magento(connection, prefix="")

    def expected(self, sent: Collection[str]) -> Mapping[str, Expected]:
        """What the ERP ought to hold of the orders that are to be sent, by order number."""
        orders = {order.row["increment_id"]: order for order in self.magento().orders.values()}
        return {number: expected_document(order) for number, order in orders.items() if number in sent}

    def booked(self, stage: Stage) -> Mapping[str, Expected]:
        """What the ERP holds, by order number."""
        documents = [booked_document(d.body, d.status) for d in read_ledger(stage.ledger).documents]
        return {document.increment_id: document for document in documents}

    def wait_until_acknowledged(self, stage: Stage, numbers: object) -> None:
        """Return when exactly these orders carry an ERP's number."""
        query = "SELECT increment_id FROM sales_order WHERE ext_order_id IS NOT NULL"
        log = stage.folder / "sidecar.log"
        wait_until(
            lambda: {n for (n,) in self.run(query)} == numbers,
            lambda: log.read_text(encoding="utf-8")[-3000:],
            ARRIVES_WITHIN,
        )


@contextmanager
def relaying(database: Database, folder: Path) -> Iterator[Stage]:
    """The sandbox ERP without faults, and the daemon, as long as the block lasts."""
    stage = Stage(folder, DemoDatabase(database.server, database.name, "the test's"))
    stage.install_sidecar()
    erp = Erp(stage)
    sidecar = Sidecar(stage)
    try:
        yield stage
    finally:
        sidecar.stop()
        erp.stop()


def difference(shop: RealShop, stage: Stage) -> str:
    """The first order that differs, both sides."""
    booked = shop.booked(stage)
    expected = shop.expected(exported_manifest())
    return next(f"{n}: {e}\n{booked.get(n)}" for n, e in expected.items() if booked.get(n) != e)
