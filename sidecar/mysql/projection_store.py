"""What the ERP has told and refused, what Magento shows of it, and which orders do not look as they were left.

Magento writes whole order rows, so a process that loaded an order before its acknowledgement and saves it afterwards
puts old values back. Such a save moves `updated_at`: orders changed since the last look, and a minute before it for
transactions that lasted, are compared with what the projector left there. The rest is looked at a page a turn, around
and around, for what was overwritten while nobody looked. News goes around in the same way, oldest first, so that
orders which cannot be written hold up no others.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import Final

from sidecar.domain.acknowledgement import Mark, Projection, Refused, Told, Truth
from sidecar.domain.events import DestinationName
from sidecar.domain.projection import HOLDED
from sidecar.domain.reconciliation import Finding, FindingKind
from sidecar.domain.rejection import REASONS
from sidecar.mysql.findings import Findings
from sidecar.mysql.rows import clip, compact
from sidecar.mysql.session import Row, Session, Work

PAGE: Final = 200
"""How many documents of the past are looked at in one turn."""

LOOKED_BACK: Final = 900
"""Seconds that the first look goes back."""

OVERLAP: Final = 60
"""Seconds that a transaction of Magento's may last after its statement has moved `updated_at`."""

_LONG_AGO: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- as the column is
_THE_OLDEST: Final[Row] = {"confirmed_at": _LONG_AGO, "entity_id": 0, "outbox_id": 0}


class ProjectionStore:
    """What the projector of one destination has to carry into Magento. Used by one thread."""

    def __init__(self, session: Session, destination: DestinationName) -> None:
        """Read and write through this session; the round through the past begins at its start."""
        self._session, self._destination = session, destination
        self._sql = session.statements("projection_store")
        self._findings = Findings(session)
        self._looked_at: float | None = None
        self._looked_at_upto = 0
        self._due_after = _THE_OLDEST

    def note_rejections(self) -> None:
        """Keep which parked events the ERP has refused, and which of them it refuses no more."""
        with self._session.reading() as work:
            stirring = self._rows(work, "stirring_rejections", reasons=REASONS, limit=PAGE)
        if stirring:
            self._session.transaction(lambda work: self._keep_rejections(work, stirring))

    def _keep_rejections(self, work: Work, stirring: Sequence[Row]) -> None:
        columns = ("outbox_id", "entity_id", "reason", "fault", "hint")
        refused = [row for row in stirring if row["kind"] == "refused"]
        rows = [{**{name: row[name] for name in columns}, "destination": self._destination} for row in refused]
        work.run_many(self._sql["put_rejections"], rows)
        for row in stirring:
            if row["kind"] == "over":
                ended = {"outbox_id": row["outbox_id"], "outcome": row["reason"], "actor": row["fault"]}
                self._run(work, "end_rejection", **ended)

    def due(self, limit: int) -> Sequence[int]:
        """Orders with news, then those that do not look as they were left."""
        with self._session.reading() as work:
            found = [*self._next_due(work, limit), *self._not_as_left(work, limit)]
        return list(dict.fromkeys(row["entity_id"] for row in found))

    def truths(self, entity_ids: Sequence[int]) -> Mapping[int, Truth]:
        """All that is known of these orders."""
        with self._session.reading() as work:
            told = {row["entity_id"]: _told_of(row) for row in self._rows(work, "told", entity_ids=entity_ids)}
            refused = _refused_by_order(self._rows(work, "refused", entity_ids=entity_ids))
        return {
            entity_id: Truth(self._destination, entity_id, told.get(entity_id), refused.get(entity_id))
            for entity_id in entity_ids
        }

    def begin(self, truth: Truth, projection: Projection) -> None:
        """Remember what cannot be told afterwards: that a hold will be ours, what a rejection will replace."""
        after, refused = projection.after, truth.refused
        replaces = refused is not None and refused.is_open and after.status != projection.before.status

        def body(work: Work) -> None:
            if after.state == HOLDED and projection.changes_hold:
                self._run(work, "begin_hold", entity_id=truth.entity_id)
            if refused is not None and replaces:
                status = projection.before.status
                self._run(work, "remember_status", outbox_id=refused.outbox_id, status=status)

        if replaces or projection.changes_hold:
            self._session.transaction(body)

    def mark(self, marks: Sequence[Mark]) -> None:
        """Record how these orders were left, all of them at once; an older mark takes no newer one back.

        Findings about what kept them from being acknowledged are repaired with it.
        """
        documents = [_document_mark(told, mark) for mark in marks if (told := mark.truth.told) is not None]

        def body(work: Work) -> None:
            if documents:
                self._run(work, "mark_documents", marks=compact(documents))
            for mark in marks:
                refused = mark.truth.refused
                if refused is not None and (refused.is_open or refused.is_news):
                    key = {"entity_id": refused.entity_id, "told_at": refused.known_at or refused.told_at}
                    self._run(work, "mark_rejections", **key, status=mark.projection.after.status)

            self._findings.resolve(work, [name for mark in marks for name in self._prints(mark)])

        if marks:
            self._session.transaction(body)

    def _prints(self, mark: Mark) -> Iterator[str]:
        """The names of what may have kept this order from showing the truth."""
        for kind in (FindingKind.NOT_ACKNOWLEDGED, FindingKind.CONTESTED):
            yield Finding(self._destination, kind, f"order:{mark.truth.entity_id}", "", "", "", "").fingerprint

    def report(self, findings: Sequence[Finding]) -> None:
        """Write what a person has to look at."""
        self._session.transaction(lambda work: self._findings.put(work, findings))

    def _next_due(self, work: Work, limit: int) -> Sequence[Row]:
        found = self._rows(work, "due", **self._due_after, limit=limit)
        documents = [(row["confirmed_at"], row["entity_id"]) for row in found if row["kind"] == "document"]
        rejections = [row["outbox_id"] for row in found if row["kind"] == "rejection"]
        confirmed_at, entity_id = max(documents) if len(documents) == limit else (_LONG_AGO, 0)
        outbox_id = max(rejections) if len(rejections) == limit else 0
        self._due_after = {"confirmed_at": confirmed_at, "entity_id": entity_id, "outbox_id": outbox_id}
        return found

    def _not_as_left(self, work: Work, limit: int) -> Sequence[Row]:
        now, after = monotonic(), self._looked_at_upto
        back = LOOKED_BACK if self._looked_at is None else math.ceil(now - self._looked_at) + OVERLAP
        found = self._rows(work, "not_as_left", seconds=back, after=after, limit=limit, page=PAGE)
        round_ids = [row["entity_id"] for row in found if row["kind"] == "round"]
        self._looked_at_upto = max(round_ids) if len(round_ids) == PAGE else 0
        if len(found) - len(round_ids) < limit:
            self._looked_at = now
        return [row for row in found if row["is_overwritten"]]

    def _rows(self, work: Work, name: str, **binds: object) -> Sequence[Row]:
        return work.rows(self._sql[name], destination=self._destination, **binds)

    def _run(self, work: Work, name: str, **binds: object) -> None:
        work.run(self._sql[name], destination=self._destination, **binds)


_AS_THEY_ARE: Final = (
    *("entity_id", "erp_number", "erp_status", "told_at", "projected_change", "projected_at", "projected_status"),
    *("shown_number", "shown_state", "shown_status", "status_before"),
)
"""Columns whose names and values are those of Told."""


def _told_of(row: Row) -> Told:
    return Told(
        **{name: row[name] for name in _AS_THEY_ARE},
        change=row["change_count"],
        lines={ref: str(line) for ref, line in json.loads(row["erp_lines"] or "{}").items() if ref.isdecimal()},
        is_held=bool(row["is_held"]),
    )


def _refused_by_order(rows: Sequence[Row]) -> Mapping[int, Refused]:
    """The last of each order counts; where one followed another, the status before is that of the first."""
    refused: dict[int, Refused] = {}
    for row in rows:
        one, known = _refused_of(row), refused.get(row["entity_id"])
        if known is not None:
            latest = max(one.told_at, known.known_at or known.told_at)
            one = replace(one, status_before=one.status_before or known.status_before, known_at=latest)
        refused[one.entity_id] = one
    return refused


def _refused_of(row: Row) -> Refused:
    return Refused(
        outbox_id=row["outbox_id"],
        entity_id=row["entity_id"],
        words=row["fault"] or row["reason"],
        hint=row["hint"],
        told_at=row["told_at"],
        status_before=row["status_before"],
        outcome=row["outcome"],
        is_news=bool(row["is_news"]),
    )


def _document_mark(told: Told, mark: Mark) -> Row:
    before, after = mark.projection.before, mark.projection.after
    return {
        "entity_id": mark.truth.entity_id,
        "change": told.change,
        "erp_status": told.erp_status,
        "number": after.number,
        "state": after.state or None,
        "status": after.status,
        "lines": sum(1 for ref in told.lines if after.lines.get(ref)),
        "status_before": None if before.status == after.status else before.status,
        "is_held": int(mark.projection.is_held),
        "overwritten": 1 if mark.projection.overwritten else 0,
        "overwritten_by": clip(mark.overwritten_by, 255),
    }
