"""What people look at of stock is what the tables hold."""

from datetime import timedelta
from decimal import Decimal

from sidecar.domain.events import OutboxId
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.step import Cursor
from sidecar.domain.stock import FoldedLine, FrozenFold, Membership
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.stock_insights import StockInsights
from sidecar.mysql.stock_store import StockStore
from sidecar.mysql.window_store import WindowStore
from tests.support.stores import ERP, OTHER, Tables

AN_HOUR = timedelta(hours=1)
LINES = (FoldedLine("MUG", Decimal(-5), (11, 12, 13)), FoldedLine("TEA", Decimal(0), (14, 15)))


def frozen(tables: Tables, *warehouses: str) -> int:
    token = LeaseStore(tables.session).acquire("stock", ERP, "test", LeaseTerms())
    assert token is not None
    folds = [FrozenFold(warehouse, LINES) for warehouse in warehouses]
    membership = Membership(OutboxId(10), OutboxId(20))
    StockStore(tables.session).freeze_windows(ERP, token, Cursor(OutboxId(20)), membership, folds, "v7", ())
    return token


def test_the_picture_counts_windows_of_a_time_and_the_lines_that_were_sent(tables: Tables) -> None:
    token = frozen(tables, "W1", "W2")
    windows = WindowStore(tables.session)
    for window in windows.open_windows(ERP):
        windows.begin_window(window, token)
    tables.run("UPDATE {prefix}erp_stock_window SET frozen_at = frozen_at - INTERVAL 2 HOUR WHERE warehouse = 'W1'")

    insights = StockInsights(tables.session)
    (recent,) = insights.windows_since(AN_HOUR)

    assert (recent.warehouse, recent.deltas, recent.lines, recent.calls) == ("W2", 5, 1, 1)
    assert len(insights.windows_since(3 * AN_HOUR, ERP)) == 2
    assert not insights.windows_since(3 * AN_HOUR, OTHER)
    assert insights.oldest_unfinished()[ERP] >= 2 * AN_HOUR
