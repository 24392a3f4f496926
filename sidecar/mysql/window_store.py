"""Frozen windows of one destination: begun and settled under their own name, fenced by the stock cursor row.

A line that the ERP refuses is parked, and later ones of its SKU are held behind it when their window is begun, never
later: from then on a window's content stands under its key. What a person decides about a parked line is carried out
here: all that stands of the SKU becomes one line of a new window, whose deltas count there and nowhere else.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from sidecar.domain.errors import StorageError
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.money import ZERO
from sidecar.domain.stock import (
    EXACT,
    FoldedLine,
    FrozenFold,
    LineState,
    Membership,
    Window,
    WindowKind,
    WindowLine,
    WindowState,
)
from sidecar.domain.stock_counts import PreparedLine, as_they_are
from sidecar.mysql.fence import STOCK, Fence
from sidecar.mysql.rows import CHUNK, chunks, clip, microseconds, plain
from sidecar.mysql.session import Row, Session, Work
from sidecar.mysql.stock_store import StockStore

MOST_CARRIED: Final = 20_000
"""Old lines that become one window, if they are of several SKUs."""

Prepare = Callable[[Sequence[WindowLine]], Sequence[PreparedLine]]


class WindowStore:
    """What became of frozen windows."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("window_store")
        self._fence = Fence(session, STOCK)
        self._windows = StockStore(session)

    def open_windows(self, destination: DestinationName) -> Sequence[Window]:
        """Per warehouse the oldest window that is FROZEN, SENDING or UNKNOWN, unless a parked one blocks it."""
        with self._session.reading() as work:
            rows = work.rows(self._sql["open_windows"], destination=destination)
            lines: dict[int, list[WindowLine]] = defaultdict(list)
            if rows:
                for line in work.rows(self._sql["window_lines"], window_ids=[row["id"] for row in rows]):
                    lines[line["window_id"]].append(_line_of(line))
        return [_window_of(destination, row, lines[row["id"]]) for row in rows]

    def begin_window(self, window: Window, token: int, prepare: Prepare = as_they_are) -> Window:
        """Mark a window SENDING and count the attempt, fenced; returns it as stored.

        Before its first attempt lines are held of whose SKU an older one stands. What `prepare` makes of the others is
        kept; where none is left to send, the window is HELD, or BOOKED if something of it is done.
        """

        def body(work: Work) -> Window:
            self._fence.check(work, window.destination, token)
            if window.is_untouched:
                work.run(self._sql["hold_lines"], **_key(window), kind=window.kind)
            prepared = self._prepare(work, window, prepare)
            begun = replace(window, lines=tuple(one.line for one in prepared if not (one.refusal or one.done)))
            if not begun.lines:
                nothing = window.is_untouched and not any(one.done for one in prepared)
                state = WindowState.HELD if nothing else WindowState.BOOKED
                self._settle(work, window, state)
                return replace(begun, state=state)
            _expect_one(work.run(self._sql["begin_window"], **_key(window)), window)
            attempts = int(work.rows(self._sql["window_attempts"], **_key(window))[0]["attempts"])
            return replace(begun, state=WindowState.SENDING, attempts=attempts, delay=timedelta(), erp_number=None)

        return self._session.transaction(body)

    def _prepare(self, work: Work, window: Window, prepare: Prepare) -> Sequence[PreparedLine]:
        rows = work.rows(self._sql["lines_to_send"], **_key(window))
        lines = [_line_of(row) for row in rows]
        prepared = prepare(lines)
        changed = [
            _prepared(row, one)
            for row, line, one in zip(rows, lines, prepared, strict=True)
            if one != PreparedLine(line)
        ]
        work.run_many(self._sql["prepare_lines"], changed)
        return prepared

    def carry_lines(
        self, destination: DestinationName, token: int, batch: int | None, blueprint_version: str
    ) -> Sequence[tuple[str, int]]:
        """Carry out what people decided about parked lines, fenced; returns warehouse and line count of new windows.

        A retried line goes on with all that is held behind it, a skipped one ends and what is held goes on. `batch`:
        the most lines that a window may have.
        """
        made: list[tuple[str, int]] = []
        for (warehouse, kind), skus in self._decided(destination).items():
            where = {"destination": destination, "warehouse": warehouse, "kind": kind}
            counted = self._session.rows(self._sql["held_counts"], **where, skus=skus)
            held = {row["sku"]: int(row["held"]) for row in counted}
            for part in _parts(skus, held, batch or len(skus)):
                made += self._carry(destination, warehouse, kind, part, token, blueprint_version)
        return made

    def settle_window(
        self,
        window: Window,
        token: int,
        state: WindowState,
        *,
        erp_number: str | None = None,
        rejected: Mapping[str, str] | None = None,
        booked: Collection[str] = (),
        undone: Collection[str] = (),
        fault: str = "",
        hint: str = "",
        absents: int = 0,
        resubmitted: bool = False,
        delay: timedelta | None = None,
    ) -> None:
        """Write what became of a window, fenced; `rejected` maps SKUs to the ERP's words, parking those lines.

        `booked` lines are done whatever becomes of the others, `undone` ones are to be counted anew. `delay` counts
        from the database's clock now.
        """

        def body(work: Work) -> None:
            self._fence.check(work, window.destination, token)
            self._settle(
                work,
                window,
                state,
                erp_number=erp_number,
                fault=clip(fault, 15_000),
                hint=clip(hint, 1024),
                absents=absents,
                resubmitted=resubmitted,
                delay=None if delay is None else microseconds(delay),
            )
            for sku, words in sorted((rejected or {}).items()):
                work.run(self._sql["park_line"], **_key(window), sku=sku, fault=clip(words, 15_000))
            for statement, skus in (("book_some", sorted(booked)), ("undo_some", sorted(undone))):
                for part in chunks(skus):
                    work.run(self._sql[statement], **_key(window), skus=part)
            if state is WindowState.BOOKED:
                work.run(self._sql["book_lines"], **_key(window))

        self._session.transaction(body)

    def _settle(self, work: Work, window: Window, state: WindowState, **told: object) -> None:
        nothing: dict[str, object] = {"erp_number": None, "fault": "", "hint": "", "delay": None}
        values = {**nothing, "absents": 0, "resubmitted": False, **told}
        _expect_one(work.run(self._sql["settle_window"], **_key(window), state=state, **values), window)

    # -- carrying --------------------------------------------------------------------------------------------

    def _decided(self, destination: DestinationName) -> dict[tuple[str, WindowKind], list[str]]:
        decided: dict[tuple[str, WindowKind], list[str]] = defaultdict(list)
        for row in self._session.rows(self._sql["decided_lines"], destination=destination, limit=CHUNK):
            decided[row["warehouse"], WindowKind(row["kind"])].append(row["sku"])
        return decided

    def _carry(
        self,
        destination: DestinationName,
        warehouse: str,
        kind: WindowKind,
        skus: Sequence[str],
        token: int,
        blueprint_version: str,
    ) -> Sequence[tuple[str, int]]:
        """One transaction: what a person gave up ends, all else of these SKUs becomes one window."""
        where = {"destination": destination, "warehouse": warehouse, "kind": kind, "skus": skus}

        def body(work: Work) -> Sequence[tuple[str, int]]:
            self._fence.check(work, destination, token)
            rows = work.rows(self._sql["lines_to_carry"], **where)
            changes = [_changed(row, LineState.SKIPPED) for row in rows if row["state"] == LineState.SKIPPING]
            going = [row for row in rows if row["state"] != LineState.SKIPPING]
            fold = FrozenFold(warehouse, _added_up(going), kind)
            if going:
                window_id = self._windows.freeze(
                    work, destination, self._nowhere(work, destination), fold, blueprint_version
                )
                work.run_many(self._sql["forget_members"], list(_of_before(window_id, going)))
                changes += [_changed(row, LineState.CARRIED, window_id) for row in going]
            work.run_many(self._sql["carry_line"], changes)
            if rows:
                work.run(self._sql["end_held_windows"], window_ids=sorted({row["window_id"] for row in rows}))
            return [(warehouse, len(fold.lines))] if going else []

        return self._session.transaction(body)

    def _nowhere(self, work: Work, destination: DestinationName) -> Membership:
        """The membership of a window that takes in no event: each of its deltas was in an older one."""
        (row,) = work.rows(self._sql["accounted_to"], destination=destination)
        return Membership(OutboxId(row["accounted_to"]), OutboxId(row["accounted_to"]))


def _line_of(row: Row) -> WindowLine:
    """In the ERP's unit, once it has been told."""
    quantity = row["quantity"] if row["told"] is None else row["told"]
    expected, target = (None if row[name] is None else plain(row[name]) for name in ("expected", "target"))
    return WindowLine(row["sku"], plain(quantity), row["deltas"], row["unit"], expected, target)


def _prepared(row: Row, prepared: PreparedLine) -> dict[str, object]:
    line = prepared.line
    state = LineState.PARKED if prepared.refusal else LineState.BOOKED if prepared.done else LineState.OPEN
    told: dict[str, object] = {"unit": line.unit, "told": line.quantity}
    if prepared.refusal:
        told = {"unit": row["unit"], "told": row["told"]}
    kept = {name: row[name] for name in ("window_id", "line", "sku", "quantity", "deltas")}
    counts = {"expected": line.expected, "target": line.target}
    return {**kept, **told, **counts, "state": state, "fault": clip(prepared.refusal, 15_000)}


def _added_up(rows: Sequence[Row]) -> tuple[FoldedLine, ...]:
    """One line for each SKU, with the deltas of all its lines."""
    sums: dict[str, tuple[Decimal, list[int]]] = {}
    for row in rows:
        quantity, members = sums.get(row["sku"], (ZERO, []))
        sums[row["sku"]] = EXACT.add(quantity, row["quantity"]), members + json.loads(row["members"] or "[]")
    return tuple(FoldedLine(sku, quantity, sorted(members)) for sku, (quantity, members) in sums.items())


def _parts(skus: Sequence[str], held: Mapping[str, int], batch: int) -> Iterator[Sequence[str]]:
    """SKUs for one window each time: not more than the ERP takes, nor more lines than one transaction should touch."""
    part: list[str] = []
    lines = 0
    for sku in skus:
        behind = held.get(sku, 0) + 1
        if part and (len(part) == batch or lines + behind > MOST_CARRIED):
            yield part
            part, lines = [], 0
        part.append(sku)
        lines += behind
    if part:
        yield part


def _of_before(window_id: int, rows: Sequence[Row]) -> Iterator[Mapping[str, object]]:
    """SKUs of which some line was frozen before ids were kept: their sum has none either."""
    for sku in sorted({row["sku"] for row in rows if row["members"] is None}):
        deltas = sum(row["deltas"] for row in rows if row["sku"] == sku)
        yield {"window_id": window_id, "sku": sku, "deltas": deltas}


def _changed(row: Row, state: LineState, carried_to: int | None = None) -> dict[str, object]:
    return {"window_id": row["window_id"], "line": row["line"], "state": state, "carried_to": carried_to}


def _key(window: Window) -> dict[str, object]:
    return {"destination": window.destination, "warehouse": window.warehouse, "sequence": window.sequence}


def _expect_one(matched: int, window: Window) -> None:
    if matched != 1:
        message = f"stock window {window.warehouse}.{window.sequence} of {window.destination} is not there any more"
        raise StorageError(message, hint="erp_stock_window must not be edited by hand: restore the row")


def _window_of(destination: DestinationName, row: Row, lines: Sequence[WindowLine]) -> Window:
    holes = tuple((OutboxId(first), OutboxId(last)) for first, last in json.loads(row["holes"]))
    late = tuple(OutboxId(outbox_id) for outbox_id in json.loads(row["late_ids"]))
    return Window(
        destination=destination,
        warehouse=row["warehouse"],
        sequence=row["sequence"],
        state=WindowState(row["state"]),
        membership=Membership(OutboxId(row["after_id"]), OutboxId(row["upto_id"]), holes, late),
        lines=tuple(lines),
        blueprint_version=row["blueprint_version"],
        attempts=row["attempts"],
        absents=row["absents"],
        resubmitted=bool(row["resubmitted"]),
        delay=timedelta(microseconds=max(row["due_in_us"] or 0, 0)),
        fault=row["fault"],
        hint=row["hint"],
        erp_number=row["erp_number"],
        epoch=row["epoch"],
        kind=WindowKind(row["kind"]),
    )
