"""The grants are enough for every statement of the sidecar, and for nothing that it must not do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from outbox_schema.migrations.steps import statements_of
from sidecar.domain.delivery import Delivery, DeliveryState, Receipt, ReceiptOutcome
from sidecar.domain.errors import MalformedEvent, NotPossible, SchemaError
from sidecar.domain.events import Event, Lane, OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.inbound import Service
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.lifecycle import ErpStatus, Lifecycle
from sidecar.domain.reconciliation import Finding, FindingKind, RunSummary
from sidecar.domain.rejection import REASONS
from sidecar.domain.step import Cursor, Step
from sidecar.domain.stock import FoldedLine, FrozenFold, Membership, WindowState
from sidecar.engine.hydrator import Hydrator
from sidecar.mysql import schema
from sidecar.mysql.definitions import table_definitions, view_names
from sidecar.mysql.documents import Documents
from sidecar.mysql.insights import Insights
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.magento_documents import MagentoDocuments
from sidecar.mysql.magento_store import MagentoStore
from sidecar.mysql.operator_store import OperatorStore
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.projection_store import ProjectionStore
from sidecar.mysql.projections import Projections
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.reconciliation_store import ReconciliationStore
from sidecar.mysql.related_orders import RelatedOrders
from sidecar.mysql.rights import STOCK, STOCK_WRITES, require_rights
from sidecar.mysql.session import Session
from sidecar.mysql.source_items import SourceItemRows
from sidecar.mysql.stock_insights import StockInsights
from sidecar.mysql.stock_store import StockStore
from sidecar.mysql.stock_writes import SqlStock
from sidecar.mysql.whole_orders import WholeOrders
from sidecar.mysql.window_store import WindowStore
from tests.support.acknowledging import carry
from tests.support.stores import ERP, PREFIX, Tables, confirmed, lane, session_for

TERMS = LeaseTerms()
ONE = OutboxId(1)


@dataclass(frozen=True)
class Account:
    """A user of the database and what it sees."""

    name: str
    tables: Tables
    session: Session

    def grant(self, role: str) -> None:
        """Run the shipped statements for this account."""
        account = f"'{self.name}'@'%'"
        roles: dict[str, schema.Role] = {
            "relay": "relay",
            "hydration": "hydration",
            "inbound": "inbound",
            "stock": "stock",
            "stock_writes": "stock_writes",
            "holds": "holds",
            "reader": "reader",
        }
        sql = schema.grants(roles[role], self.tables.database.name, PREFIX, account)
        for statement in statements_of(sql, PREFIX):
            self.tables.run(statement.replace("%", "%%"), *())
        self.session.close()

    def try_to(self, sql: str) -> None:
        """Run a statement as this account."""
        self.session.transaction(lambda work: work.run(text(sql.replace("{prefix}", PREFIX))))


@pytest.fixture
def account(tables: Tables) -> Iterator[Account]:
    name = "sidecar_test_account"
    tables.run(f"CREATE USER '{name}'@'%%' IDENTIFIED BY 'pw'", *())
    session = session_for(tables.database, user=name)
    yield Account(name, tables, session)
    session.close()
    tables.run(f"DROP USER '{name}'@'%%'", *())


@pytest.fixture
def relay(account: Account) -> Account:
    account.grant("relay")
    return account


@pytest.fixture
def reader(account: Account) -> Account:
    account.grant("reader")
    return account


def test_with_its_grants_the_sidecar_finds_nothing_missing(relay: Account) -> None:
    assert schema.verify(relay.session) == []


def test_with_its_grants_the_relay_carries_an_order_and_the_stock_all_the_way(relay: Account) -> None:
    tables, session = relay.tables, relay.session
    tables.add_event(1)
    tables.add_order(1)
    tables.add_status("at_erp", "new")
    leases, store, stock = LeaseStore(session), ReceiptStore(session), StockStore(session)
    token, stock_token = leases.acquire("relay", ERP, "a", TERMS), leases.acquire("stock", ERP, "a", TERMS)
    assert token is not None
    assert stock_token is not None
    outbox = OutboxStore(session)
    assert len(outbox.read_tail(OutboxId(0), 5)) == len(outbox.read_payloads([ONE])) == 1
    outbox.read_gaps([Gap(ONE, OutboxId(900))], 5)
    finding = Finding(ERP, FindingKind.CURRENCY, "order:1", "", "EUR", "USD", "read-back")
    parked = Delivery(OutboxId(2), lane(2), DeliveryState.PARKED)
    step = Step(
        Cursor(OutboxId(3)),
        receipts=(Receipt(ERP, ONE, ReceiptOutcome.DELIVERED),),
        deliveries=(parked, Delivery(OutboxId(3), lane(2), DeliveryState.HELD)),
        documents=(confirmed(1),),
        findings=(finding,),
    )
    store.commit_step(ERP, token, step)
    store.commit_step(ERP, token, Step(Cursor(OutboxId(3)), settled=(OutboxId(2),), promoted=(lane(2),)))
    store.load_lane(ERP, lane(2), OutboxId(0), 5)
    assert [head.id for head in store.load_heads(ERP)] == [3]

    fold = FrozenFold("W1", (FoldedLine("A", Decimal(1), (1,)),))
    unreadable = Delivery(OutboxId(9), Lane("#9"), DeliveryState.PARKED)
    membership = Membership(OutboxId(0), OutboxId(9))
    stock.freeze_windows(ERP, stock_token, Cursor(OutboxId(9)), membership, [fold], "v1", [unreadable])
    windows = WindowStore(session)
    (window,) = windows.open_windows(ERP)
    windows.settle_window(
        windows.begin_window(window, stock_token), stock_token, WindowState.BOOKED, rejected={"A": "no"}
    )

    magento = MagentoStore(session)
    magento.release_facts([1])
    magento.order_facts([1])
    carry(session, ProjectionStore(session, ERP).due(5), Lifecycle.showing({"booked": {"new": "at_erp"}}))

    related, operators = RelatedOrders(session), OperatorStore(session)
    related.siblings([1], timedelta(minutes=10))
    assert related.purchases([1]).keys() == related.predecessors([1]).keys() == {1}
    assert related.cancelled_there(ERP, [1]) == related.let_go(ERP, [ONE]) == frozenset()
    assert operators.held_orders("quarantined", [ERP], 5) == []
    with pytest.raises(NotPossible):
        operators.release_order("000000001", [ERP], "ann", "why not")

    reconciliation, insights = ReconciliationStore(session), Insights(session)
    reconciliation.record_findings([finding])
    reconciliation.record_run(RunSummary("orders", ERP, 1, 0, 1, complete=True))
    assert reconciliation.last_run("orders", ERP) is not None
    assert reconciliation.lanes_in_flight(ERP, [lane(1), lane(2)]) == {lane(2)}
    assert insights.retry_event(ERP, OutboxId(9), "ann", "mended")
    assert insights.backlog()
    assert insights.waiting_events(5)
    assert insights.open_findings(5)
    assert leases.renew("relay", ERP, "a", token, TERMS)
    leases.release("relay", ERP, "a", token)

    assert tables.rows("SELECT status, ext_order_id FROM {prefix}sales_order_grid") == [("at_erp", "SO-1")]


def test_with_its_grants_the_projector_shows_lines_holds_and_refusals(relay: Account) -> None:
    relay.grant("holds")
    tables, session = relay.tables, relay.session
    lifecycle = Lifecycle({"booked": ErpStatus(holds=True), "open": ErpStatus()})
    tables.add_status("holded", "holded")
    tables.add_order(1)
    tables.add_item(10, 1, product_type="simple", sku="CUP")
    token = LeaseStore(session).acquire("relay", ERP, "one", LeaseTerms())
    assert token is not None
    receipts, documents = ReceiptStore(session), Documents(session)
    parked = Delivery(OutboxId(2), lane(1), DeliveryState.PARKED, reason=REASONS[0], fault="no")
    confirmation = replace(confirmed(1), lines={"10": "A"})
    receipts.commit_step(ERP, token, Step(Cursor(OutboxId(2)), deliveries=(parked,), documents=(confirmation,)))
    store, magento = ProjectionStore(session, ERP), Projections(session)

    store.note_rejections()
    carry(session, store.due(5), lifecycle)
    receipts.commit_step(ERP, token, Step(Cursor(OutboxId(2)), settled=(OutboxId(2),)))
    session.transaction(lambda work: documents.record_status(work, ERP, 1, "open"))
    store.note_rejections()
    carry(session, store.due(5), lifecycle)

    assert magento.holders(ERP, ["SO-1"]) == {"SO-1": {1: "SO-1"}}
    assert magento.traces({1: None})
    assert tables.rows("SELECT state FROM {prefix}sales_order") == [("new",)]
    assert tables.rows("SELECT ext_order_item_id FROM {prefix}sales_order_item") == [("A",)]
    assert tables.rows("SELECT COUNT(*) FROM {prefix}sales_order_status_history") == [(4,)]


FORBIDDEN = (
    "UPDATE {prefix}erp_outbox SET type = 'x'",
    "DELETE FROM {prefix}erp_outbox WHERE id = 1",
    "INSERT INTO {prefix}erp_outbox (event_id) VALUES ('x')",
    "UPDATE {prefix}erp_receipt SET outcome = 'skipped'",
    "DELETE FROM {prefix}erp_receipt WHERE outbox_id = 1",
    "DELETE FROM {prefix}erp_document_revision WHERE id = 1",
    "UPDATE {prefix}erp_operator_action SET actor = 'somebody else'",
    "UPDATE {prefix}erp_event_edit SET edited_by = 'somebody else'",
    "DELETE FROM {prefix}erp_event_edit WHERE id = 1",
    "DELETE FROM {prefix}erp_cursor WHERE token = 1",
    "DELETE FROM {prefix}erp_inbound_document WHERE id = 1",
    "UPDATE {prefix}sales_order SET grand_total = 0",
    "UPDATE {prefix}sales_order SET state = 'closed'",
    "DELETE FROM {prefix}sales_order WHERE entity_id = 1",
    "UPDATE {prefix}sales_order_grid SET grand_total = 0",
    "UPDATE {prefix}sales_order_status_history SET comment = 'x'",
    "UPDATE {prefix}sales_order_item SET qty_ordered = 0",
    "UPDATE {prefix}inventory_source_item SET quantity = 0",
    "DROP TABLE {prefix}erp_receipt",
    "CREATE TABLE {prefix}erp_extra (id INT)",
    "SELECT customer_email FROM {prefix}sales_order",
    "SELECT remote_ip FROM {prefix}sales_order",
    "SELECT additional_information FROM {prefix}sales_order_payment",
)

FORBIDDEN_TO_READERS = (
    "SELECT payload FROM {prefix}erp_outbox",
    "SELECT payload_before FROM {prefix}erp_event_edit",
    "DELETE FROM {prefix}erp_lane_pause WHERE lane = 'order:1'",
    "SELECT customer_email FROM {prefix}sales_order",
    "UPDATE {prefix}erp_delivery SET state = 'ready'",
    "DELETE FROM {prefix}erp_finding WHERE id = 1",
    "INSERT INTO {prefix}erp_operator_action (action) VALUES ('x')",
)


def test_the_sidecars_user_cannot_change_events_receipts_or_what_is_magentos(relay: Account) -> None:
    for sql in FORBIDDEN:
        with pytest.raises(SchemaError, match="denied"):
            relay.try_to(sql)


def test_whole_orders_are_read_with_a_grant_of_its_own_and_without_it_a_person_is_told(relay: Account) -> None:
    event = Event(ONE, "e-1", "OrderPlaced", 1, lane(1), "1", 1, 0)
    hydrator = Hydrator(ERP, OutboxStore(relay.session), WholeOrders(relay.session))
    untold = '{"payload_error": "a float"}'

    with pytest.raises(MalformedEvent, match="may not read whole orders") as refusal:
        hydrator.whole(event, untold)
    relay.grant("hydration")
    with pytest.raises(MalformedEvent, match="not in Magento any more"):
        hydrator.whole(event, untold)

    assert "schema grants hydration" in refusal.value.hint
    for sql in FORBIDDEN[:-3]:
        with pytest.raises(SchemaError, match="denied"):
            relay.try_to(sql)


def test_magentos_documents_are_read_with_a_grant_of_its_own_which_writes_nothing(relay: Account) -> None:
    documents = MagentoDocuments(relay.session)
    relay.tables.add_order(1)

    with pytest.raises(SchemaError, match="denied"):
        documents.documents(1, Service.INVOICE)
    assert StockInsights(relay.session).numbers_of("shipment", [17]) == {}  # a number less, and no refusal
    relay.grant("inbound")
    require_rights(relay.session, "document_numbers")
    assert documents.standing(1) is not None
    for service in Service:
        assert not documents.documents(1, service)
    assert documents.stock_of("default", ["A"]) == {}

    for sql in (*FORBIDDEN, "SELECT customer_note FROM {prefix}sales_invoice", "DELETE FROM {prefix}sales_shipment"):
        with pytest.raises(SchemaError, match="denied"):
            relay.try_to(sql)


def test_source_items_are_read_with_the_grants_of_stock_alone_and_written_by_none(relay: Account) -> None:
    rows = SourceItemRows(relay.session)
    with pytest.raises(SchemaError, match="denied"):
        rows.items(("west",), ("", ""), 5)
    relay.grant("stock")
    require_rights(relay.session, *STOCK, "stock_examination", "stock_now")

    for sql in (
        *FORBIDDEN,
        "UPDATE {prefix}inventory_source_item SET quantity = 1",
        "DELETE FROM {prefix}inventory_reservation",
        "SELECT email FROM {prefix}inventory_source",
    ):
        with pytest.raises(SchemaError, match="denied"):
            relay.try_to(sql)


def test_stock_is_written_with_a_grant_of_its_own_and_nothing_else_of_it(relay: Account) -> None:
    relay.grant("stock")
    stock = SqlStock(relay.session, ("west",))
    before = stock.problems()
    relay.grant("stock_writes")
    require_rights(relay.session, *STOCK, STOCK_WRITES)
    stock.close()

    assert "schedule inventory cataloginventory_stock, then erp-sidecar schema grants stock_writes" in before[0]
    for sql in (
        *(sql for sql in FORBIDDEN if "inventory_source_item" not in sql),
        "UPDATE {prefix}inventory_source_item SET sku = 'x'",
        "DELETE FROM {prefix}inventory_source_item",
        "UPDATE {prefix}cataloginventory_stock_item SET backorders = 1",
        "DELETE FROM {prefix}inventory_cl",
    ):
        with pytest.raises(SchemaError, match="denied"):
            relay.try_to(sql)


def test_a_reader_sees_the_views_and_the_tables(reader: Account) -> None:
    for name in [*view_names(), *table_definitions()]:
        if name not in ("erp_outbox", "erp_event_edit"):
            reader.session.rows(text(f"SELECT * FROM {PREFIX}{name}"))  # noqa: S608 -- fixed names
    reader.session.rows(text(f"SELECT id, type, lane FROM {PREFIX}erp_outbox"))  # noqa: S608 -- a fixed prefix
    reader.session.rows(text(f"SELECT outbox_id, sha256_after FROM {PREFIX}erp_event_edit"))  # noqa: S608 -- the same


def test_a_reader_sees_no_payload_and_changes_nothing(reader: Account) -> None:
    for sql in FORBIDDEN_TO_READERS:
        with pytest.raises(SchemaError, match="denied"):
            reader.try_to(sql)
