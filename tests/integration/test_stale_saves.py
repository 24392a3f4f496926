"""A process that loaded an order before its acknowledgement saves the whole row afterwards, again and again: in the end
Magento tells the truth, whichever column the save put back, and the process never meets a deadlock because of us.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pymysql
import pytest

from sidecar.domain.lifecycle import ErpStatus, Lifecycle, Meaning
from sidecar.domain.reconciliation import FindingKind
from sidecar.engine.projector import MOST_REPAIRS, Projector
from sidecar.mysql.documents import Documents
from tests.support.rig import ERP, POLICY, Rig, rig_on, turn_until
from tests.support.sandbox import Sandbox
from tests.support.servers import Database

pytestmark = pytest.mark.slow

SAVES = 4
"""Fewer than would be called a fight."""

LIFECYCLE = Lifecycle(
    {
        "open": ErpStatus(Meaning.ACCEPTED, {"new": "erp_accepted", "processing": "erp_accepted"}, ("blocked",)),
        "blocked": ErpStatus(Meaning.BLOCKED, next=("open",), holds=True),
    },
    ("open",),
)


@pytest.fixture
def shop(database: Database, erp: Sandbox) -> Iterator[Rig]:
    """A rig whose lifecycle map shows statuses and holds, and an order that the ERP has taken."""
    with rig_on(database, erp, policy=replace(POLICY, lifecycle=LIFECYCLE)) as rig:
        rig.shop.execute("INSERT IGNORE INTO sales_order_status VALUES ('holded', 'On Hold')")
        rig.shop.execute("INSERT IGNORE INTO sales_order_status_state VALUES ('holded', 'holded', 1, 1)")
        event = rig.shop.place(42)
        turn_until(rig.relay(), lambda: event in rig.receipts_by_event())
        rig.shop.execute('UPDATE erp_document SET erp_lines = \'{"421": "10", "422": "20"}\'')
        yield rig


class StaleProcess(threading.Thread):
    """Magento's whole-row saves: the row as it was loaded, its items and its row of the list, in one transaction."""

    def __init__(self, database: Database, saves: int = SAVES) -> None:
        super().__init__()
        self._database, self._saves = database, saves
        self.errors: list[int] = []
        self.gate = threading.Event()
        with database.connect() as connection, connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute("SELECT * FROM sales_order WHERE entity_id = 42")
            loaded = cursor.fetchone() or {}
            self._order = {name: value for name, value in loaded.items() if name not in ("entity_id", "updated_at")}

    def run(self) -> None:
        """Save what was loaded, as often as it was said."""
        self.gate.wait(30)
        with self._database.connect(autocommit=False) as connection:
            for number in range(self._saves):
                try:
                    self._save(connection, number)
                    connection.commit()
                except pymysql.MySQLError as error:
                    connection.rollback()
                    self.errors.append(int(error.args[0]))
                time.sleep(0.01)

    def _save(self, connection: "pymysql.connections.Connection[pymysql.cursors.Cursor]", number: int) -> None:
        assignments = ", ".join(f"{name} = %s" for name in self._order)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE sales_order SET {assignments} WHERE entity_id = 42",  # noqa: S608 -- Magento's own columns
                [*({**self._order, "customer_note": f"save {number}"}.values())],
            )
            time.sleep(0.002)
            cursor.execute("UPDATE sales_order_item SET ext_order_item_id = NULL WHERE order_id = 42")
            cursor.execute(
                "INSERT INTO sales_order_grid (entity_id, status, ext_order_id)"
                " SELECT entity_id, status, ext_order_id FROM sales_order WHERE entity_id = 42"
                " ON DUPLICATE KEY UPDATE status = VALUES(status), ext_order_id = VALUES(ext_order_id)"
            )


@contextmanager
def turning(projector: Projector) -> Iterator[None]:
    """Turn a projector beside the block, without pause."""
    stop = threading.Event()

    def turn() -> None:
        while not stop.is_set():
            projector.turn()

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def shown(rig: Rig) -> tuple[object, ...]:
    """State, status, number, what is before a hold, the list's copy, and the lines of the items."""
    (order,) = rig.shop.rows(
        "SELECT o.state, o.status, o.ext_order_id, o.hold_before_state, o.hold_before_status, g.status, g.ext_order_id"
        " FROM sales_order o JOIN sales_order_grid g ON g.entity_id = o.entity_id WHERE o.entity_id = 42"
    )
    items = rig.shop.rows("SELECT ext_order_item_id FROM sales_order_item WHERE order_id = 42 ORDER BY item_id")
    return (*order, *(line for (line,) in items))


def truth(
    rig: Rig, state: str = "new", status: str = "erp_accepted", before: tuple[object, object] = (None, None)
) -> tuple[object, ...]:
    number = rig.accepted(42)[0]["number"]
    return (state, status, number, *before, status, number, "10", "20")


def raced(rig: Rig, process: StaleProcess, expected: tuple[object, ...]) -> Projector:
    projector = rig.projector()
    with turning(projector):
        process.start()
        process.gate.set()
        process.join()
    turn_until(projector, lambda: shown(rig) == expected)
    return projector


def test_what_saves_put_back_while_the_projector_writes_is_right_in_the_end(shop: Rig) -> None:
    process = StaleProcess(shop.shop.database)

    raced(shop, process, truth(shop))

    assert process.errors == []
    comments = shop.shop.rows("SELECT COUNT(*) FROM sales_order_status_history")
    assert comments == [(1,)]


def test_a_hold_that_saves_undo_while_the_projector_makes_it_stands_in_the_end(shop: Rig) -> None:
    projector = shop.projector()
    turn_until(projector, lambda: shown(shop) == truth(shop))
    process = StaleProcess(shop.shop.database)
    documents = Documents(shop.session)
    shop.session.transaction(lambda work: documents.record_status(work, ERP, 42, "blocked"))

    raced(shop, process, truth(shop, "holded", "holded", ("new", "erp_accepted")))

    assert process.errors == []


def test_who_overwrites_is_named_and_counted(shop: Rig) -> None:
    projector = shop.projector()
    process = StaleProcess(shop.shop.database, saves=1)
    turn_until(projector, lambda: shown(shop) == truth(shop))
    process.gate.set()
    process.run()
    event = shop.shop.update(42, origin="webhook")

    turn_until(projector, lambda: shown(shop) == truth(shop))

    (note,) = shop.notes.named("order.acknowledged_again")
    assert note["overwritten"] == "number, status, lines"
    assert note["by"] == f"OrderUpdated {event} of origin webhook"
    assert shop.shop.rows("SELECT overwritten_count, overwritten_by FROM erp_document") == [(1, note["by"])]


def test_an_order_that_is_overwritten_again_and_again_is_asked_about_and_not_fought_over(shop: Rig) -> None:
    projector = shop.projector()
    turn_until(projector, lambda: shown(shop) == truth(shop))
    for _ in range(MOST_REPAIRS):
        shop.shop.execute("UPDATE sales_order SET ext_order_id = NULL")
        turn_until(projector, lambda: shown(shop) == truth(shop))

    shop.shop.execute("UPDATE sales_order SET ext_order_id = NULL")
    kinds = "SELECT kind, subject FROM erp_finding"
    turn_until(projector, lambda: shop.shop.rows(kinds) == [(FindingKind.CONTESTED, "order:42")])

    assert shown(shop)[2] is None
    assert shop.shop.rows("SELECT overwritten_count FROM erp_document") == [(MOST_REPAIRS,)]


def test_a_status_that_a_person_set_stays_and_the_number_beside_it_is_repaired(shop: Rig) -> None:
    projector = shop.projector()
    turn_until(projector, lambda: shown(shop) == truth(shop))
    shop.shop.execute("INSERT IGNORE INTO sales_order_status VALUES ('picking', 'Picking')")
    shop.shop.execute("INSERT INTO sales_order_status_state VALUES ('picking', 'new', 0, 1)")

    shop.shop.execute("UPDATE sales_order SET status = 'picking', ext_order_id = NULL")
    turn_until(projector, lambda: shown(shop)[2] is not None)
    for _ in range(3):
        projector.turn()

    assert shown(shop)[1] == "picking"


def test_two_numbers_that_a_rule_would_make_one_are_told_apart_by_refusing_the_second(
    database: Database, erp: Sandbox
) -> None:
    number = replace(POLICY.number, last=4)
    with rig_on(database, erp, policy=replace(POLICY, number=number)) as rig:
        events = {rig.shop.place(entity_id) for entity_id in (41, 42, 43)}
        turn_until(rig.relay(), lambda: events <= set(rig.receipts_by_event()))
        for entity_id, prefix in ((41, "A"), (42, "B"), (43, "B")):
            tail = "0001" if entity_id < 43 else "0002"
            long = f"{prefix * 36}{tail}"
            rig.shop.execute("UPDATE erp_document SET erp_number = %s WHERE entity_id = %s", long, entity_id)
        projector = rig.projector()

        turn_until(projector, lambda: len(rig.notes.named("order.acknowledgement_refused")) == 2)

        numbers = rig.shop.rows("SELECT entity_id, ext_order_id FROM sales_order ORDER BY entity_id")
        assert numbers == [(41, None), (42, None), (43, "0002")]
        hints = [str(note["hint"]) for note in rig.notes.named("order.acknowledgement_refused")]
        assert all("choose a rule" in hint for hint in hints)
        assert rig.shop.rows("SELECT kind FROM erp_finding") == [(FindingKind.NOT_ACKNOWLEDGED,)] * 2
