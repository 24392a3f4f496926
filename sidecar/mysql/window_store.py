"""Frozen windows of one destination: begun and settled under their own name, fenced by the stock cursor row."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sidecar.domain.errors import StorageError
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.stock import Membership, Window, WindowKind, WindowLine, WindowState
from sidecar.mysql.fence import STOCK, Fence
from sidecar.mysql.rows import clip, microseconds, plain
from sidecar.mysql.session import Row, Session, Work


class WindowStore:
    """What became of frozen windows."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("window_store")
        self._fence = Fence(session, STOCK)

    def open_windows(self, destination: DestinationName) -> Sequence[Window]:
        """Per warehouse the oldest window that is FROZEN, SENDING or UNKNOWN, unless a parked one blocks it."""
        with self._session.reading() as work:
            rows = work.rows(self._sql["open_windows"], destination=destination)
            lines: dict[int, list[WindowLine]] = defaultdict(list)
            if rows:
                for line in work.rows(self._sql["window_lines"], window_ids=[row["id"] for row in rows]):
                    folded = WindowLine(line["sku"], plain(line["quantity"]), line["deltas"])
                    lines[line["window_id"]].append(folded)
        return [_window_of(destination, row, lines[row["id"]]) for row in rows]

    def begin_window(self, window: Window, token: int) -> Window:
        """Mark a window SENDING and count the attempt, fenced; returns it as stored."""

        def body(work: Work) -> int:
            self._fence.check(work, window.destination, token)
            _expect_one(work.run(self._sql["begin_window"], **_key(window)), window)
            return int(work.rows(self._sql["window_attempts"], **_key(window))[0]["attempts"])

        attempts = self._session.transaction(body)
        return replace(window, state=WindowState.SENDING, attempts=attempts, delay=timedelta())

    def settle_window(
        self,
        window: Window,
        token: int,
        state: WindowState,
        *,
        erp_number: str | None = None,
        rejected: Mapping[str, str] | None = None,
        fault: str = "",
        hint: str = "",
        absents: int = 0,
        resubmitted: bool = False,
        delay: timedelta | None = None,
    ) -> None:
        """Write what became of a window, fenced; `rejected` maps SKUs to the ERP's words, parking those lines.

        `delay` counts from the database's clock now.
        """

        def body(work: Work) -> None:
            self._fence.check(work, window.destination, token)
            matched = work.run(
                self._sql["settle_window"],
                **_key(window),
                state=state,
                erp_number=erp_number,
                fault=clip(fault, 15_000),
                hint=clip(hint, 1024),
                absents=absents,
                resubmitted=resubmitted,
                delay=None if delay is None else microseconds(delay),
            )
            _expect_one(matched, window)
            for sku, words in sorted((rejected or {}).items()):
                work.run(self._sql["park_line"], **_key(window), sku=sku, fault=clip(words, 15_000))
            if state is WindowState.BOOKED:
                work.run(self._sql["book_lines"], **_key(window))

        self._session.transaction(body)


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
        epoch=row["epoch"],
        kind=WindowKind(row["kind"]),
    )
