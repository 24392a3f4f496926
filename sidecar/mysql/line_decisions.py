"""What people see of lines that an ERP refused, and decide about them; each decision is recorded with its deed.

Nothing is carried here: the relay does it, under its fence.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Literal

from sidecar.domain.events import DestinationName
from sidecar.domain.money import text_of
from sidecar.domain.stock import LineState, StandingLine, WindowKind
from sidecar.mysql.rows import clip, plain
from sidecar.mysql.session import Row, Session, Work

_WISHES: Final = {"retry": LineState.RETRYING, "skip": LineState.SKIPPING}
_ALL: Final = 1_000_000


class LineDecisions:
    """The operators' side of parked and held lines."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("line_decisions")

    def standing_lines(self, limit: int) -> Sequence[StandingLine]:
        """SKUs that are kept back, the longest first."""
        everything = {"everywhere": True, "destination": "", "warehouse": "", "any_sku": True, "sku": ""}
        return [_standing(row) for row in self._session.rows(self._sql["standing_lines"], **everything, limit=limit)]

    def decide(
        self,
        verb: Literal["retry", "skip"],
        destination: DestinationName,
        warehouse: str,
        sku: str | None,
        actor: str,
        reason: str,
        *,
        dry_run: bool,
    ) -> Sequence[StandingLine]:
        """Mark parked lines of a SKU, or of all of them; returns what was parked. The relay carries it out."""
        where = {"destination": destination, "warehouse": warehouse}

        def body(work: Work) -> Sequence[StandingLine]:
            which = {**where, "everywhere": False, "any_sku": sku is None, "sku": sku or ""}
            standing = [_standing(row) for row in work.rows(self._sql["standing_lines"], **which, limit=_ALL)]
            parked = [line for line in standing if line.state is LineState.PARKED]
            if dry_run:
                return parked
            for line in parked:
                work.run(self._sql["decide_line"], **where, sku=line.sku, kind=line.kind, state=_WISHES[verb])
                self._record(work, verb, line, actor, reason)
            return parked

        return self._session.transaction(body)

    def _record(self, work: Work, verb: str, line: StandingLine, actor: str, reason: str) -> None:
        behind = f"; {line.held} lines held behind it: {text_of(line.held_quantity)}" if line.held else ""
        work.run(
            self._sql["record_action"],
            action=verb,
            actor=clip(actor, 128),
            reason=clip(reason, 1024),
            destination=line.destination,
            lane=f"stock:{clip(line.warehouse, 64)}.{line.sequence}",
            state=line.state,
            fault=line.fault,
            detail=clip(f"SKU {line.sku}: {text_of(line.quantity)} parked{behind}", 2048),
        )


def _standing(row: Row) -> StandingLine:
    return StandingLine(
        destination=DestinationName(row["destination"]),
        warehouse=row["warehouse"],
        kind=WindowKind(row["kind"]),
        sku=row["sku"],
        sequence=int(row["sequence"]),
        state=LineState(row["state"]),
        quantity=plain(row["quantity"]),
        held=int(row["held"]),
        held_quantity=plain(row["held_quantity"]),
        fault=row["fault"],
        stands_for=timedelta(microseconds=int(row["stands_for_us"])),
    )
