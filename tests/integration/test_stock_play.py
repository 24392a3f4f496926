"""The play of stock on real servers: kills before and after a freeze, late commits, deltas that a person mends."""

import random
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pytest

from sidecar.domain.edits import edit
from sidecar.domain.events import OutboxId
from sidecar.domain.lease import LeaseTerms
from sidecar.engine.leadership import Leadership
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.operator_store import OperatorStore
from sidecar.mysql.outbox_store import OutboxStore
from sidecar.mysql.session import Session
from sidecar.mysql.stock_store import StockStore
from tests.support.servers import Database
from tests.support.shop import Shop
from tests.support.stock_play import ERP, FOLDED_LINE, HandClock, Play, Quiet

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

pytestmark = pytest.mark.slow

STEPS: Final = 150
LINES: Final = """
    SELECT w.warehouse, w.kind, l.sku, l.quantity, l.line, l.window_id, m.outbox_id
    FROM erp_stock_window w
    JOIN erp_stock_window_line l ON l.window_id = w.id,
    JSON_TABLE(l.members, '$[*]' COLUMNS (outbox_id BIGINT UNSIGNED PATH '$')) m
    ORDER BY l.window_id, l.line, m.outbox_id
"""


class DatabaseStage:
    """A stage on a server."""

    def __init__(self, shop: Shop, session: Session) -> None:
        self._shop, self._session = shop, session
        self.outbox, self.stock = OutboxStore(session), StockStore(session)
        self._open: dict[str, Connection[Cursor]] = {}

    def insert(self, transaction: str | None, kind: str, payload: str, origin: str) -> int:
        """As the play says."""
        if transaction is None:
            return self._shop.emit_raw(kind, None, payload, origin=origin)
        if transaction not in self._open:
            self._open[transaction] = self._shop.database.connect(autocommit=False)
        return self._shop.insert(self._open[transaction], kind, None, "A", payload, origin=origin)

    def end(self, transaction: str, *, commits: bool) -> None:
        """As the play says."""
        connection = self._open.pop(transaction)
        connection.commit() if commits else connection.rollback()
        connection.close()

    def mend(self, outbox_id: int, payload: str) -> None:
        """As the play says."""
        OperatorStore(self._session).edit_event(
            ERP, OutboxId(outbox_id), lambda event, now: edit(event, now, payload), "ann", "mended", dry_run=False
        )

    def parked(self) -> Collection[int]:
        """As the play says."""
        return [number for (number,) in self._shop.rows("SELECT outbox_id FROM erp_delivery WHERE state = 'parked'")]

    def lines(self) -> Sequence[FOLDED_LINE]:
        """As the play says; ids are read by the server, as anybody with SQL would."""
        found: dict[tuple[int, int], tuple[str, str, str, Decimal]] = {}
        members: dict[tuple[int, int], list[int]] = {}
        for warehouse, kind, sku, quantity, line, window, member in self._shop.rows(LINES):
            found[window, line] = warehouse, kind, sku, quantity
            members.setdefault((window, line), []).append(member)
        return [(*found[key], tuple(members[key])) for key in found]

    def leadership(self, clock: HandClock) -> Leadership:
        """As the play says: a lease taken over, with a token of its own."""
        lead = Leadership(LeaseStore(self._session), "stock", ERP, "play", LeaseTerms(), clock, Quiet())
        assert lead.acquire()
        return lead

    def close(self) -> None:
        """Give connections back."""
        for connection in self._open.values():
            connection.close()


@contextmanager
def stage_on(database: Database, shop: Shop) -> Iterator[DatabaseStage]:
    session = Session(database.url)
    stage = DatabaseStage(shop, session)
    try:
        yield stage
    finally:
        stage.close()
        session.close()


def act(play: Play, dice: random.Random) -> None:
    """One step, as often as such things happen."""
    transaction = dice.choice([None, None, "slow", "slower"])
    sku, quantity = dice.choice("ABC"), Decimal(dice.randint(-990_000, 990_000)) / 10_000
    origin = dice.choice(["", "", "erp"])
    match dice.randrange(14):
        case 0 | 1 | 2 | 3:
            reason = dice.choice(["shipment", "refund", "import"])
            play.move(transaction, sku, dice.choice(["west", "hub"]), quantity, reason, origin)
        case 4 | 5:
            play.reserve(transaction, sku, quantity, origin)
        case 6:
            play.move_unreadably(transaction)
        case 7:
            play.sell_something_else()
        case 8:
            play.end(dice.choice(["slow", "slower"]), commits=dice.random() < 0.7)
        case 9:
            play.kill(dice.choice([None, "before", "after"]))
        case 10:
            play.stop()
        case 11:
            play.mend()
        case _:
            play.turn(dice.choice([0.01, 1.0, 11.0]))


def test_each_change_of_stock_lies_in_one_line_whatever_is_killed(database: Database, shop: Shop) -> None:
    with stage_on(database, shop) as stage:
        clock, dice = HandClock(), random.Random(20261126)  # noqa: S311 -- the same play every time
        play = Play(stage, clock)

        for _ in range(STEPS):
            act(play, dice)
        play.come_to_the_end()

        assert len(stage.lines()) > 20
