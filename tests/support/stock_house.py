"""A destination whose stock windows a test freezes itself: the real stores and the real sender, an ERP in memory."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from time import monotonic
from typing import Generic, TypeVar

import pytest

from sidecar.daemon import SystemClock
from sidecar.domain.events import OutboxId
from sidecar.domain.policy import StockPolicy
from sidecar.domain.step import Cursor
from sidecar.domain.stock import FoldedLine, FrozenFold, Membership, StandingLine, WindowKind
from sidecar.domain.units import Units
from sidecar.engine.governor import Governor
from sidecar.engine.leadership import Leadership
from sidecar.engine.stock_sending import WindowSender
from sidecar.mysql.lease_store import LeaseStore
from sidecar.mysql.line_decisions import LineDecisions
from sidecar.mysql.stock_store import StockStore
from sidecar.mysql.window_store import WindowStore
from sidecar.ports import ErpAdapter
from tests.support.rig import POLICY, TERMS, Notes
from tests.support.stores import ERP, Tables

E = TypeVar("E", bound=ErpAdapter)

one_server = pytest.mark.mariadb
"""For rules that no statement decides: the statements below them are played on each server by other tests."""


class House(Generic[E]):
    """A destination whose windows a test freezes itself, and whose sender it turns."""

    def __init__(self, tables: Tables, erp: E, units: Units | None = None) -> None:
        self.tables, self.erp, self.notes = tables, erp, Notes()
        self.units = units or Units()
        self.decisions, self.store = LineDecisions(tables.session), StockStore(tables.session)
        self.newest = 0
        self.start()

    def start(self) -> None:
        """A freshly started process, which fences the one before out."""
        session, clock = self.tables.session, SystemClock()
        self.lead = Leadership(LeaseStore(session), "stock", ERP, "one", TERMS, clock, self.notes)
        assert self.lead.acquire()
        stock = StockPolicy(units=self.units)
        policy = replace(POLICY, name=ERP, call_deadline=timedelta(milliseconds=1), stock=stock)
        governor = Governor(clock, 8, policy.governor)
        self.sender = WindowSender(policy, "M1", self.erp, governor, WindowStore(session), self.lead, clock, self.notes)

    def freeze(self, kind: WindowKind = WindowKind.MOVEMENT, /, **quantities: str) -> None:
        """One window of warehouse W1, each line made by one delta."""
        ids = range(self.newest + 1, self.newest + 1 + len(quantities))
        lines = tuple(
            FoldedLine(sku, Decimal(quantity), [outbox_id])
            for outbox_id, (sku, quantity) in zip(ids, sorted(quantities.items()), strict=True)
        )
        membership = Membership(OutboxId(self.newest), OutboxId(ids[-1]))
        self.newest = ids[-1]
        fold = FrozenFold("W1", lines, kind)
        cursor = Cursor(OutboxId(self.newest))
        self.store.freeze_windows(ERP, self.lead.token, cursor, membership, [fold], "v1", [])

    def settle(self) -> None:
        """Send until nothing is due; an AssertionError when that never comes."""
        until = monotonic() + 20
        while self.sender.send() or self.unfinished():
            assert monotonic() < until, f"still unfinished: {self.windows()}, {self.lines()}, {self.erp}"

    def unfinished(self) -> int:
        """Windows that are on their way."""
        rows = self.tables.rows(
            "SELECT COUNT(*) FROM {prefix}erp_stock_window WHERE state IN ('frozen', 'sending', 'unknown')"
        )
        return int(rows[0][0])

    def lines(self) -> list[tuple[int, str, str]]:
        """Window, SKU and state of every line."""
        return self.tables.rows(
            "SELECT w.sequence, l.sku, l.state FROM {prefix}erp_stock_window_line l"
            " JOIN {prefix}erp_stock_window w ON w.id = l.window_id"
            " ORDER BY w.sequence, l.line"
        )

    def windows(self) -> list[str]:
        """The states of all windows, by number."""
        return [state for (state,) in self.tables.rows("SELECT state FROM {prefix}erp_stock_window ORDER BY sequence")]

    def decide(self, verb: str, sku: str | None) -> list[StandingLine]:
        """A person's word."""
        assert verb in ("retry", "skip")
        return list(
            self.decisions.decide("retry" if verb == "retry" else "skip", ERP, "W1", sku, "ann", "x", dry_run=False)
        )

    def counted(self) -> dict[str, list[int]]:
        """The ids of the deltas of every line that counts, by SKU."""
        ids: dict[str, list[int]] = {}
        rows = self.tables.rows("SELECT sku, members FROM {prefix}erp_stock_window_line WHERE state <> 'carried'")
        for sku, members in rows:
            ids.setdefault(sku, []).extend(json.loads(members))
        return {sku: sorted(members) for sku, members in ids.items()}
