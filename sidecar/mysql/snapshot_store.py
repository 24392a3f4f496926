"""Readings of an ERP's stock: page by page into a table, complete or not used, and what people decide about them.

The token lies on the reading's own row: whoever begins one abandons what another has begun, and a reader that was
abandoned finds no row to turn the page on. A reading is used only when every level that was told is there once.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from sidecar.domain.errors import IncompleteSnapshot, LeaseLost, NotPossible
from sidecar.domain.events import DestinationName
from sidecar.domain.reconciliation import Finding
from sidecar.domain.stock_feed import FEED_CHECK, ReadLevel, Snapshot, SnapshotState
from sidecar.mysql.examination import clock_skew
from sidecar.mysql.findings import Findings
from sidecar.mysql.rows import chunks, clip, microseconds, plain
from sidecar.mysql.session import Row, Session, Work

CHUNK: Final = 5000
"""Levels that one statement deletes."""


class SnapshotStore:
    """One shop's readings of its ERPs' stock."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("snapshot_store")
        self._findings = Findings(session)

    def clock_ahead(self) -> timedelta:
        """How far the database's clock is ahead of this host's."""
        return clock_skew(self._session)

    def begin(self, destination: DestinationName, token: int, skew: timedelta) -> int:
        """Begin a reading, and abandon what was being read; returns its number. Raises LeaseLost for an old token."""

        def body(work: Work) -> int:
            newest = work.rows(self._sql["newest_token"], destination=destination)[0]["token"]
            if newest is not None and newest > token:
                raise _lost(destination)
            work.run(self._sql["abandon"], destination=destination)
            return work.insert(self._sql["begin"], destination=destination, token=token, skew_us=microseconds(skew))

        return self._session.transaction(body)

    def add_page(self, number: int, token: int, levels: Sequence[ReadLevel], read_at: datetime | None) -> None:
        """Keep a page; raises LeaseLost where somebody else has begun another reading."""

        def body(work: Work) -> None:
            moment = _naive(read_at)
            binds = {"number": number, "token": token, "levels": len(levels), "read_at": moment}
            if work.run(self._sql["turn_page"], **binds) != 1:
                raise _lost(f"reading {number}")
            work.run_many(
                self._sql["put_levels"],
                [
                    {
                        "snapshot": number,
                        "sku": level.sku,
                        "warehouse": level.warehouse,
                        "unit": level.unit,
                        "quantity": level.quantity,
                        "read_at": moment,
                    }
                    for level in levels
                ],
            )

        self._session.transaction(body)

    def finish(self, number: int, token: int, told: int) -> None:
        """Call a reading complete; raises IncompleteSnapshot where a level came twice, LeaseLost as add_page does."""

        def body(work: Work) -> None:
            (row,) = work.rows(self._sql["count_levels"], number=number)
            if row["levels"] != told:
                message = f"{told} levels were told, and {row['levels']} of them are different ones: a page came twice"
                raise IncompleteSnapshot(
                    message, hint="it is read again by itself; if it stays so, ask the ERP's owners"
                )
            self._finish(work, number, token, SnapshotState.COMPLETE, "")

        self._session.transaction(body)

    def hold_reading(self, number: int, token: int, why: str) -> None:
        """Call a reading that is not complete held."""
        self._session.transaction(lambda work: self._finish(work, number, token, SnapshotState.HELD, why))

    def settle(self, number: int, state: SnapshotState, written: int, why: str = "") -> None:
        """Write what became of a complete reading."""
        binds = {"number": number, "state": state, "written": written, "why": clip(why, 1024)}
        self._session.transaction(lambda work: work.run(self._sql["settle"], **binds))

    def newest(self, destination: DestinationName, states: Collection[SnapshotState]) -> Snapshot | None:
        """The newest reading in one of these states."""
        rows = self._session.rows(self._sql["newest"], destination=destination, states=sorted(states))
        return _snapshot_of(rows[0]) if rows else None

    def is_whole(self, snapshot: Snapshot) -> bool:
        """Tell whether every level that a reading told is still kept."""
        (row,) = self._session.rows(self._sql["count_levels"], number=snapshot.number)
        return bool(row["levels"] == snapshot.levels)

    def warehouses(self, number: int) -> Collection[str]:
        """The ERP's warehouses in which a reading lists anything."""
        return {row["warehouse"] for row in self._session.rows(self._sql["warehouses"], number=number)}

    def levels(self, number: int, after: str, limit: int) -> Sequence[ReadLevel]:
        """Levels of a reading behind a SKU, by SKU and warehouse."""
        rows = self._session.rows(self._sql["levels_page"], number=number, after=after, limit=limit)
        return [_level_of(row) for row in rows]

    def levels_of(self, number: int, skus: Sequence[str]) -> Sequence[ReadLevel]:
        """Levels of these SKUs."""
        with self._session.reading() as work:
            return [
                _level_of(row)
                for chunk in chunks(skus)
                for row in work.rows(self._sql["levels_of"], number=number, skus=chunk)
            ]

    def drop_outdated(self, destination: DestinationName, number: int) -> bool:
        """Delete some levels of readings before this one; tells whether there may be more."""
        rows = self._session.rows(self._sql["outdated"], destination=destination, number=number)
        if not rows:
            return False
        outdated = rows[0]["number"]
        self._session.transaction(lambda work: work.run(self._sql["delete_levels"], number=outdated, limit=CHUNK))
        return True

    def acceptances(self, destination: DestinationName) -> Mapping[str, Decimal]:
        """Jumps that people have accepted and that are not written yet: the total of each SKU."""
        rows = self._session.rows(self._sql["acceptances"], destination=destination)
        return {row["sku"]: plain(row["quantity"]) for row in rows}

    def spend_acceptances(self, destination: DestinationName, skus: Sequence[str]) -> None:
        """They have been written: the next jump is a new question."""
        if skus:
            binds = {"destination": destination, "skus": sorted(skus)}
            self._session.transaction(lambda work: work.run(self._sql["spend_acceptances"], **binds))

    def accept_jump(
        self, destination: DestinationName, sku: str, quantity: Decimal, held: str, actor: str, reason: str
    ) -> None:
        """Take a SKU's jump for right, once."""

        def body(work: Work) -> None:
            work.run(
                self._sql["accept_jump"], destination=destination, sku=sku, quantity=quantity, actor=clip(actor, 128)
            )
            self._record(work, "accept", destination, f"sku:{sku}", held, actor, reason)

        self._session.transaction(body)

    def accept_baseline(self, destination: DestinationName, number: int, actor: str, reason: str) -> None:
        """Take a complete reading as the first one; raises NotPossible where it is not, or not any more."""

        def body(work: Work) -> None:
            rows = work.rows(self._sql["lock_snapshot"], number=number)
            is_one = rows and rows[0]["destination"] == destination and rows[0]["state"] == SnapshotState.COMPLETE
            if not is_one or work.rows(self._sql["count_levels"], number=number)[0]["levels"] != rows[0]["levels"]:
                message = (
                    f"reading {number} of {destination} does not wait to be accepted, or a newer one has replaced it"
                )
                raise NotPossible(message, hint=f"erp-sidecar stock baseline {destination} shows the newest")
            work.run(self._sql["accept_snapshot"], number=number, actor=clip(actor, 128))
            self._record(work, "baseline", destination, "", f"reading {number}", actor, reason)

        self._session.transaction(body)

    def record_findings(self, findings: Sequence[Finding]) -> None:
        """Insert new findings, count known ones as seen again."""
        for chunk in chunks(findings):
            self._session.transaction(partial(self._findings.put, findings=chunk))

    def resolve_findings(
        self, destination: DestinationName, standing: Collection[str], subjects: Collection[str]
    ) -> int:
        """Close the feed's open findings, but those of these fingerprints and subjects; returns how many."""
        rows = self._session.rows(self._sql["open_findings"], destination=destination, source=FEED_CHECK)
        gone = [r["fingerprint"] for r in rows if r["fingerprint"] not in standing and r["subject"] not in subjects]
        self._session.transaction(lambda work: self._findings.resolve(work, gone))
        return len(gone)

    def _finish(self, work: Work, number: int, token: int, state: SnapshotState, why: str) -> None:
        if work.run(self._sql["finish"], number=number, token=token, state=state, why=clip(why, 1024)) != 1:
            raise _lost(f"reading {number}")

    def _record(
        self, work: Work, action: str, destination: str, lane: str, detail: str, actor: str, reason: str
    ) -> None:
        work.run(
            self._sql["record_decision"],
            action=action,
            actor=clip(actor, 128),
            reason=clip(reason, 1024),
            destination=destination,
            lane=clip(lane, 96) or None,
            state=None,
            fault=None,
            detail=clip(detail, 2048),
        )


def _lost(what: str) -> LeaseLost:
    message = f"another process reads the stock of {what} now"
    return LeaseLost(message, hint="only one importer per destination is active; this one waits for its turn")


def _snapshot_of(row: Row) -> Snapshot:
    age = row["age_us"]
    return Snapshot(
        number=row["number"],
        state=SnapshotState(row["state"]),
        first=_aware(row["read_first"]),
        last=_aware(row["read_last"]),
        pages=row["pages"],
        levels=row["levels"],
        age=timedelta(microseconds=age or 0),
        started_ago=timedelta(microseconds=row["started_us"]),
        why=row["why"],
    )


def _level_of(row: Row) -> ReadLevel:
    return ReadLevel(row["sku"], row["warehouse"], plain(row["quantity"]), row["unit"], _aware(row["read_at"]))


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
