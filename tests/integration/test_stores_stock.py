"""A stock window is frozen once, sent under its own number, and fenced by the stock cursor."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sidecar.domain.delivery import Delivery, DeliveryState
from sidecar.domain.errors import LeaseLost
from sidecar.domain.events import Lane, OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.step import Cursor
from sidecar.domain.stock import FoldedLine, FrozenFold, Membership, Window, WindowKind, WindowLine, WindowState
from sidecar.mysql.insights import Insights
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.receipt_store import ReceiptStore
from sidecar.mysql.stock_store import StockStore
from sidecar.mysql.window_store import WindowStore
from tests.support.stores import ERP, OTHER, Tables

MEMBERSHIP = Membership(
    OutboxId(10), OutboxId(20), ((OutboxId(12), OutboxId(12)), (OutboxId(15), OutboxId(17))), (OutboxId(4), OutboxId(7))
)
FOLDED = (
    FoldedLine("SKU-1", Decimal("-5.0000"), (4, 11, 13)),
    FoldedLine("SKU-2", Decimal("0.0000"), (14, 18)),
    FoldedLine("sku-1", Decimal("1.125"), (20,)),
)
LINES = tuple(WindowLine(line.sku, line.quantity, len(line.members)) for line in FOLDED if line.quantity)


def owned(tables: Tables) -> tuple[StockStore, int]:
    token = LeaseStore(tables.session).acquire("stock", ERP, "test", LeaseTerms())
    assert token is not None
    return StockStore(tables.session), token


def freeze(store: StockStore, token: int, *folds: FrozenFold, parked: tuple[Delivery, ...] = ()) -> None:
    cursor = Cursor(OutboxId(20), (Gap(OutboxId(15), OutboxId(17)),))
    store.freeze_windows(ERP, token, cursor, MEMBERSHIP, folds, "v7", parked)


def fold(warehouse: str, *lines: FoldedLine) -> FrozenFold:
    return FrozenFold(warehouse, lines or FOLDED)


def frozen(tables: Tables, *warehouses: str) -> tuple[StockStore, int]:
    store, token = owned(tables)
    freeze(store, token, *(fold(warehouse) for warehouse in warehouses or ("W1",)))
    return store, token


def windows(tables: Tables) -> WindowStore:
    return WindowStore(tables.session)


def only_window(tables: Tables) -> Window:
    (window,) = windows(tables).open_windows(ERP)
    return window


def line_states(tables: Tables) -> dict[str, tuple[str, str]]:
    rows = tables.rows("SELECT sku, state, fault FROM {prefix}erp_stock_window_line")
    return {sku: (state, fault) for sku, state, fault in rows}


def test_a_frozen_window_comes_back_exactly_as_it_was_folded_but_for_what_is_not_sent(tables: Tables) -> None:
    store, _ = frozen(tables)

    window = only_window(tables)

    assert window == Window(ERP, "W1", 1, WindowState.FROZEN, MEMBERSHIP, LINES, "v7")
    assert [str(line.quantity) for line in window.lines] == ["-5", "1.125"]
    assert store.load_stock_cursor(ERP) == Cursor(OutboxId(20), (Gap(OutboxId(15), OutboxId(17)),))


def test_quantities_keep_every_decimal_that_magento_may_write(tables: Tables) -> None:
    store, token = owned(tables)
    precise = Decimal("-1234567890123456.123456789012")

    freeze(store, token, fold("W1", FoldedLine("S", precise, (11,))))

    assert only_window(tables).lines == (WindowLine("S", precise, 1),)


def test_each_line_keeps_the_ids_of_its_deltas_where_sql_can_read_them(tables: Tables) -> None:
    frozen(tables, "W1")

    members = tables.rows(
        "SELECT l.sku, m.outbox_id FROM {prefix}erp_stock_window_line l,"
        " JSON_TABLE(l.members, '$[*]' COLUMNS (outbox_id BIGINT UNSIGNED PATH '$')) m ORDER BY l.line, m.outbox_id"
    )

    assert members == [("SKU-1", 4), ("SKU-1", 11), ("SKU-1", 13), ("SKU-2", 14), ("SKU-2", 18), ("sku-1", 20)]


def test_a_window_of_demand_keeps_its_kind_and_counts_on_from_the_warehouses_last_number(tables: Tables) -> None:
    store, token = frozen(tables, "W1")

    freeze(store, token, FrozenFold("W1", FOLDED, WindowKind.DEMAND))
    windows(tables).settle_window(only_window(tables), token, WindowState.BOOKED, erp_number="ST-1")

    assert (only_window(tables).sequence, only_window(tables).kind) == (2, WindowKind.DEMAND)


def test_how_long_ago_a_destination_froze_is_told_by_the_databases_clock(tables: Tables) -> None:
    store, token = owned(tables)
    assert store.since_frozen(ERP) is None
    freeze(store, token, fold("W1"), fold("W2"))
    tables.run("UPDATE {prefix}erp_stock_window SET frozen_at = NOW(6) - INTERVAL 1 HOUR WHERE warehouse = 'W1'")

    age = store.since_frozen(ERP)

    assert age is not None
    assert timedelta() <= age < timedelta(minutes=1)
    assert store.since_frozen(OTHER) is None


def test_windows_are_numbered_per_destination_and_warehouse_without_a_gap(tables: Tables) -> None:
    store, token = frozen(tables, "W1", "W2")
    freeze(store, token, fold("W1"))

    numbers = tables.rows("SELECT warehouse, sequence FROM {prefix}erp_stock_window ORDER BY warehouse, sequence")

    assert numbers == [("W1", 1), ("W1", 2), ("W2", 1)]


def test_a_fold_that_quotes_an_old_token_freezes_nothing(tables: Tables) -> None:
    store, old = owned(tables)
    owned(tables)

    with pytest.raises(LeaseLost):
        freeze(store, old, fold("W1"))

    assert windows(tables).open_windows(ERP) == []
    assert store.load_stock_cursor(ERP) == Cursor(OutboxId(0))


def test_each_warehouse_offers_its_oldest_window_only(tables: Tables) -> None:
    store, token = frozen(tables, "W1", "W2")
    freeze(store, token, fold("W1"))

    offered = {(window.warehouse, window.sequence) for window in windows(tables).open_windows(ERP)}

    assert offered == {("W1", 1), ("W2", 1)}
    assert windows(tables).open_windows(OTHER) == []


def test_beginning_a_window_counts_the_attempt_before_the_call(tables: Tables) -> None:
    _, token = frozen(tables)

    begun = windows(tables).begin_window(only_window(tables), token)

    assert (begun.state, begun.attempts) == (WindowState.SENDING, 1)
    assert only_window(tables) == begun
    assert windows(tables).begin_window(begun, token).attempts == 2


def test_a_booked_window_makes_way_for_the_next_and_a_refused_line_is_parked_alone(tables: Tables) -> None:
    store, token = frozen(tables)
    freeze(store, token, fold("W1"))
    begun = windows(tables).begin_window(windows(tables).open_windows(ERP)[0], token)

    windows(tables).settle_window(
        begun, token, WindowState.BOOKED, erp_number="ST-9", rejected={"SKU-1": "unknown material"}
    )

    assert only_window(tables).sequence == 2
    first = tables.rows(
        "SELECT l.sku, l.state, l.fault FROM {prefix}erp_stock_window_line l"
        " JOIN {prefix}erp_stock_window w ON w.id = l.window_id AND w.sequence = 1 ORDER BY l.line"
    )
    assert first == [("SKU-1", "parked", "unknown material"), ("SKU-2", "net_zero", ""), ("sku-1", "booked", "")]
    assert tables.rows(
        "SELECT state, erp_number, settled_at IS NULL FROM {prefix}erp_stock_window ORDER BY sequence"
    ) == [("booked", "ST-9", 0), ("frozen", None, 1)]


def test_a_window_whose_outcome_is_unknown_stays_first_and_remembers_what_was_asked(tables: Tables) -> None:
    _, token = frozen(tables)
    begun = windows(tables).begin_window(only_window(tables), token)

    windows(tables).settle_window(
        begun, token, WindowState.UNKNOWN, fault="no answer", hint="look it up", absents=2, resubmitted=True
    )

    assert only_window(tables) == replace(
        begun, state=WindowState.UNKNOWN, fault="no answer", hint="look it up", absents=2, resubmitted=True
    )


def test_a_window_that_was_refused_as_a_whole_blocks_its_warehouse_and_no_other(tables: Tables) -> None:
    store, token = frozen(tables, "W1", "W2")
    freeze(store, token, fold("W1"))
    first = next(window for window in windows(tables).open_windows(ERP) if window.warehouse == "W1")

    windows(tables).settle_window(first, token, WindowState.PARKED, fault="period closed")

    assert [window.warehouse for window in windows(tables).open_windows(ERP)] == ["W2"]
    assert line_states(tables)["SKU-1"] == ("open", "")


def test_a_window_that_nets_to_zero_is_kept_and_not_offered(tables: Tables) -> None:
    store, token = owned(tables)

    freeze(store, token, fold("W1", FoldedLine("A", Decimal(0), (11, 13))))

    assert windows(tables).open_windows(ERP) == []
    assert tables.rows("SELECT state, settled_at IS NULL FROM {prefix}erp_stock_window") == [("net_zero", 0)]


def test_a_window_is_touched_only_under_the_newest_token(tables: Tables) -> None:
    _, old = frozen(tables)
    window = only_window(tables)
    owned(tables)

    with pytest.raises(LeaseLost):
        windows(tables).begin_window(window, old)
    with pytest.raises(LeaseLost):
        windows(tables).settle_window(window, old, WindowState.BOOKED, erp_number="ST-9")

    assert only_window(tables) == window


def test_a_parked_delta_that_an_operator_released_is_folded_late_and_only_once(tables: Tables) -> None:
    store, token = owned(tables)
    unreadable = Delivery(OutboxId(4), Lane("#4"), DeliveryState.PARKED, fault="payload field sku is missing")
    freeze(store, token, parked=(unreadable,))
    assert store.released_deltas(ERP) == []
    assert ReceiptStore(tables.session).load_heads(ERP) == []

    assert Insights(tables.session).retry_event(ERP, OutboxId(4), "ann", "payload mended")
    released = store.released_deltas(ERP)
    freeze(store, token, fold("W1"))

    assert released == [4]
    assert store.released_deltas(ERP) == []
    assert tables.count("erp_delivery") == 0


def test_what_is_left_of_a_windows_delay_is_told_by_the_databases_clock(tables: Tables) -> None:
    _, token = frozen(tables)
    begun = windows(tables).begin_window(only_window(tables), token)
    windows(tables).settle_window(begun, token, WindowState.UNKNOWN, delay=timedelta(hours=1))

    later = only_window(tables)
    tables.run("UPDATE {prefix}erp_stock_window SET next_attempt_at = NOW(6) - INTERVAL 1 SECOND")

    assert timedelta(minutes=59) < later.delay <= timedelta(hours=1)
    assert only_window(tables).delay == timedelta()


def parked(tables: Tables) -> Insights:
    store, token = frozen(tables)
    freeze(store, token, fold("W1"))
    window = windows(tables).open_windows(ERP)[0]
    windows(tables).settle_window(window, token, WindowState.PARKED, fault="period closed", absents=2, resubmitted=True)
    return Insights(tables.session)


def actions(tables: Tables) -> list[tuple[object, ...]]:
    return tables.rows(
        "SELECT action, actor, reason, destination, outbox_id, lane, state_before, fault_before"
        " FROM {prefix}erp_operator_action"
    )


def test_a_parked_window_that_an_operator_retries_is_looked_up_first(tables: Tables) -> None:
    insights = parked(tables)

    assert insights.retry_window(ERP, "W1", 1, "ann", "period is open")

    window = only_window(tables)
    assert (window.sequence, window.state) == (1, WindowState.UNKNOWN)
    assert (window.absents, window.resubmitted, window.delay) == (0, False, timedelta())
    assert actions(tables) == [("retry", "ann", "period is open", ERP, None, "stock:W1.1", "parked", "period closed")]


def test_a_parked_window_that_an_operator_skips_makes_way_for_the_next(tables: Tables) -> None:
    insights = parked(tables)

    assert insights.skip_window(ERP, "W1", 1, "ann", "booked by hand")

    assert only_window(tables).sequence == 2
    assert tables.rows("SELECT state, settled_at IS NULL FROM {prefix}erp_stock_window ORDER BY sequence") == [
        ("skipped", 0),
        ("frozen", 1),
    ]
    assert actions(tables) == [("skip", "ann", "booked by hand", ERP, None, "stock:W1.1", "parked", "period closed")]


def test_operators_decide_about_parked_windows_only(tables: Tables) -> None:
    insights = parked(tables)

    assert not insights.retry_window(ERP, "W1", 2, "ann", "x")
    assert not insights.skip_window(ERP, "W1", 2, "ann", "x")
    assert not insights.skip_window(OTHER, "W1", 1, "ann", "x")
    assert actions(tables) == []


def test_windows_that_are_not_done_are_listed_parked_ones_first(tables: Tables) -> None:
    insights = parked(tables)
    insights.retry_window(ERP, "W1", 1, "ann", "x")
    tables.run("UPDATE {prefix}erp_stock_window SET state = 'parked' WHERE sequence = 2")

    listed = [(w.warehouse, w.sequence, w.state, w.lines, w.fault) for w in insights.unfinished_windows(10)]

    assert listed == [("W1", 2, "parked", 3, ""), ("W1", 1, "unknown", 3, "period closed")]
    assert len(insights.unfinished_windows(1)) == 1
