"""Sending windows to an ERP that takes no changes: read its levels, compute, compare and set, and read again.

What was computed is committed before the first byte. The ERP refuses a line whose level has moved meanwhile: that one
is computed anew with the next attempt, under the same name. Whatever was answered, the levels are read afterwards, and
say of each line what was done: the target stands there, so it was; what was expected still does, so it was not, once
that has been read several times over as long as a call may take effect; anything else is for a person, unless the ERP
had confirmed it and somebody moved it since.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from sidecar.domain.delivery import DocumentKind, LineResult, Outcome, Reference, Result
from sidecar.domain.documents import StockCount, StockLevel, StockQuery
from sidecar.domain.errors import Retryable
from sidecar.domain.money import text_of
from sidecar.domain.stock import Window, WindowLine, WindowState
from sidecar.domain.stock_counts import (
    PreparedLine,
    Reading,
    as_they_are,
    counted,
    dispute,
    in_units,
    level_of,
    reading_of,
)
from sidecar.domain.units import Units
from sidecar.engine.governor import Governor
from sidecar.engine.settlement import settle_result
from sidecar.engine.window_settling import REFUSED, WindowSettler, as_delivery
from sidecar.ports import ErpAdapter

Levels = Mapping[str, Sequence[StockLevel]]


class WindowCounter:
    """One destination's windows as counts."""

    def __init__(
        self,
        adapter: ErpAdapter,
        governor: Governor,
        settler: WindowSettler,
        units: Units,
        deadline: Callable[[], float],
    ) -> None:
        """`deadline` tells how many seconds the next call may take."""
        self._adapter, self._governor, self._settler = adapter, governor, settler
        self._units, self._deadline = units, deadline

    def submit(self, window: Window) -> None:
        """Read, compute, and tell the ERP what it shall have."""
        settler, token = self._settler, self._settler.leadership.token
        try:
            levels = self._levels(window, window.lines)
        except Retryable as error:
            settler.ask_later(window, error, WindowState.FROZEN)
            return

        def prepare(lines: Sequence[WindowLine]) -> Sequence[PreparedLine]:
            told = in_units(lines, self._units) if window.is_untouched else as_they_are(lines)
            return counted(told, levels, told_before=window.resubmitted)

        begun = settler.store.begin_window(window, token, prepare)
        if begun.state is not WindowState.SENDING:
            settler.note(f"window.{begun.state}", window)
            return
        if not settler.leadership.trusted():
            return
        ref = settler.reference(begun, DocumentKind.STOCK_COUNT)
        self._governor.began()
        result = self._adapter.submit(StockCount(begun.warehouse, begun.lines), ref, self._deadline())
        self._governor.heard(result)
        self._hear(begun, ref, result)

    def look_up(self, window: Window) -> None:
        """Read what the ERP has of what it was told."""
        told = [line for line in window.lines if line.expected is not None]
        if told and not self._settler.caps.reads_stock:
            unread = {line.sku: "it was told as a level, which this profile cannot read" for line in told}
            self._settle(window, WindowState.BOOKED, unread)
            return
        try:
            levels = self._levels(window, told) if told else {}
        except Retryable as error:
            self._settler.ask_later(window, error)
            return
        done, undone, parked = _read(told, levels, confirmed=window.erp_number is not None)
        name = self._settler.reference(window).external_ref
        changes = [line.sku for line in window.lines if line.target is None]
        parked |= dict.fromkeys(changes, f"it was told as a change, before the profile told levels: look for {name}")
        self._found(window, done, undone, parked, anew=len(window.lines) > len(told) + len(changes))

    # -- answers ---------------------------------------------------------------------------------------------

    def _hear(self, window: Window, ref: Reference, result: Result) -> None:
        settler = self._settler
        moved = {line.sku for line in result.lines if line.moved}
        rejected = {line.sku: line.message for line in result.lines if _is_refused(line)}
        if window.resubmitted:  # the first answer was lost: that call may have come late, and moved the level
            rejected |= {line.sku: _moved_since(line) for line in window.lines if line.sku in moved}
            moved = set()
        everything = {line.sku for line in window.lines}
        if result.outcome in {*REFUSED, Outcome.CONFIRMED} and moved | rejected.keys() >= everything:
            if not moved:
                settler.refused_line_by_line(window, rejected)
                return
            delay = settler.retry.delay(max(1, window.attempts), settler.clock.jitter())
            self._settle(window, WindowState.FROZEN, rejected, undone=moved, delay=delay)
            return
        if result.outcome is Outcome.CONFIRMED:
            lag = settler.caps.find_visibility_lag
            number = result.erp_number or ref.external_ref
            self._settle(window, WindowState.UNKNOWN, rejected, undone=moved, delay=lag, erp_number=number)
            return
        settlement = settle_result(
            as_delivery(window), ref, result, settler.retry, settler.caps, settler.clock.jitter()
        )
        settler.settle(window, settlement, undone=() if window.resubmitted else everything)

    def _found(
        self,
        window: Window,
        done: set[str],
        undone: dict[str, WindowLine],
        parked: dict[str, str],
        *,
        anew: bool,
    ) -> None:
        caps = self._settler.caps
        if undone and window.absents + 1 < caps.absent_confirmations:
            absents, pause = window.absents + 1, self._spacing()
            self._settle(window, WindowState.UNKNOWN, parked, booked=done, absents=absents, delay=pause)
            return
        if undone and window.resubmitted:
            parked = {**parked, **{sku: _never(line) for sku, line in undone.items()}}
            undone = {}
        if undone:
            self._settle(window, WindowState.FROZEN, parked, booked=done, resubmitted=True)
        elif anew:
            self._settle(window, WindowState.FROZEN, parked, booked=done, resubmitted=window.resubmitted)
        else:
            self._settle(window, WindowState.BOOKED, parked)

    def _settle(
        self,
        window: Window,
        state: WindowState,
        rejected: Mapping[str, str],
        *,
        booked: set[str] | frozenset[str] = frozenset(),
        undone: set[str] | frozenset[str] = frozenset(),
        erp_number: str | None = None,
        absents: int = 0,
        resubmitted: bool | None = None,
        delay: timedelta | None = None,
    ) -> None:
        settler = self._settler
        settler.store.settle_window(
            window,
            settler.leadership.token,
            state,
            erp_number=erp_number,
            rejected=rejected,
            booked=booked,
            undone=undone,
            absents=absents,
            resubmitted=window.resubmitted if resubmitted is None else resubmitted,
            delay=delay,
        )
        settler.note("window.counted" if erp_number else f"window.{state}", window)
        settler.tell_parked(window, rejected)

    def _spacing(self) -> timedelta:
        caps = self._settler.caps
        window = max(caps.find_visibility_lag, self._settler.policy.call_deadline + caps.longest_processing)
        return window / (caps.absent_confirmations - 1)

    # -- reading ---------------------------------------------------------------------------------------------

    def _levels(self, window: Window, lines: Sequence[WindowLine]) -> Levels:
        """What the ERP has of these lines, in this warehouse; raises Retryable when it cannot be read now."""
        query = StockQuery(tuple(line.sku for line in lines), (window.warehouse,))
        levels: dict[str, list[StockLevel]] = {}
        cursor: str | None = None
        while True:
            self._governor.began()
            try:
                page = self._adapter.read_stock(query, cursor, self._deadline())
            except Retryable as error:
                self._governor.failed(error)
                raise
            self._governor.succeeded()
            for level in page.levels:
                if level.warehouse == window.warehouse:
                    levels.setdefault(level.sku, []).append(level)
            if page.next_cursor is None:
                return levels
            cursor = page.next_cursor


def _is_refused(line: LineResult) -> bool:
    return not line.accepted and not line.moved


def _read(
    told: Sequence[WindowLine], levels: Levels, *, confirmed: bool
) -> tuple[set[str], dict[str, WindowLine], dict[str, str]]:
    """Which lines were done, which were not, and which a person has to look at, with words."""
    done, undone, parked = set(), {}, {}
    for line in told:
        level = level_of(line, levels.get(line.sku, ()))
        if isinstance(level, str):
            parked[line.sku] = level
            continue
        match reading_of(line, level, confirmed=confirmed):
            case Reading.DONE:
                done.add(line.sku)
            case Reading.NOT_DONE:
                undone[line.sku] = line
            case Reading.DISPUTED:
                parked[line.sku] = dispute(line, level)
    return done, undone, parked


def _moved_since(line: WindowLine) -> str:
    had, shall = (text_of(amount) if amount is not None else "?" for amount in (line.expected, line.target))
    return f"told twice to have {shall} where it had {had}, the first answer was lost, and the level has moved since"


def _never(line: WindowLine) -> str:
    had, shall = (text_of(amount) if amount is not None else "?" for amount in (line.expected, line.target))
    return f"the ERP was told twice to have {shall}, and still has {had}"
