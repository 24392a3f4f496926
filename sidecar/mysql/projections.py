"""Magento's rows of orders: read as they are, written one order a transaction, never waiting for a lock.

Why no checkout meets a deadlock because of us: a transaction here asks for each row with NOWAIT, in the order in which
Magento's own saves take them (the order, its row of the list, its items), so it never waits while it holds one. No row
of ours is locked meanwhile. What it inserts refers to the order that it holds already.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from sidecar.domain.acknowledgement import Comment, Projection, Shown, Statuses, Trace, Truth, Written
from sidecar.domain.errors import TransactionConflict
from sidecar.mysql.rows import chunks, clip, compact
from sidecar.mysql.session import Row, Session, Work

COMMENT_LIMIT: Final = 15_000
DEPTH: Final = 2_000
"""How many of the newest events are looked through for who wrote an order last."""

_LONG_AGO: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- as the columns are

_LAST_OF_THE_PLANE: Final = "\uffff"
"""Magento's text columns are utf8mb3: what lies beyond cannot be kept."""


class Projections:
    """Shows acknowledgements in Magento's orders."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("projections")
        self._holds = session.statements("holds")

    def shown(self, truths: Sequence[Truth]) -> Mapping[int, Shown]:
        """These orders as Magento shows them now, lines where the ERP told of any; absent orders are left out."""
        with self._session.reading() as work:
            orders = self._many(work, "shown", [truth.entity_id for truth in truths])
            with_lines = [truth.entity_id for truth in truths if truth.told is not None and truth.told.lines]
            lines: dict[int, dict[str, str | None]] = defaultdict(dict)
            for row in self._many(work, "lines", with_lines):
                lines[row["order_id"]][str(row["item_id"])] = row["ext_order_item_id"]
        return {row["entity_id"]: replace(_shown_of(row), lines=lines.get(row["entity_id"], {})) for row in orders}

    def statuses(self) -> Statuses:
        """Magento's table of statuses."""
        rows = self._session.rows(self._sql["statuses"])
        pairs = frozenset((row["state"], row["status"]) for row in rows)
        return Statuses(pairs, {row["state"]: row["status"] for row in rows if row["is_default"]})

    def holders(self, destination: str, numbers: Sequence[str]) -> Mapping[str, Mapping[int, str | None]]:
        """The orders that show one of these numbers, each with the whole number that the ERP gave it."""
        found: dict[str, dict[int, str | None]] = defaultdict(dict)
        if numbers:
            for row in self._session.rows(self._sql["holders"], destination=destination, numbers=numbers):
                found[row["ext_order_id"]][row["entity_id"]] = row["erp_number"]
        return found

    def traces(self, left_at: Mapping[int, datetime | None]) -> Mapping[int, Trace]:
        """Who wrote these orders since they were left, as far as it can be told: by the newest event of each, or else
        by its newest comment; orders of which neither tells are left out.
        """
        if not left_at:
            return {}
        with self._session.reading() as work:
            comments = self._many(work, "last_comments", list(left_at))
            lanes = {f"order:{entity_id}": entity_id for entity_id in left_at}
            events = work.rows(self._sql["last_events"], depth=DEPTH, lanes=tuple(lanes))
        found = {
            row["parent_id"]: Trace(_comment_in_words(row))
            for row in comments
            if row["created_at"] > (left_at[row["parent_id"]] or _LONG_AGO)
        }
        for row in events:
            left = left_at[lanes[row["lane"]]] or _LONG_AGO
            if row["occurred_at_us"] > left.replace(tzinfo=UTC).timestamp() * 1_000_000:
                words = f"{row['type']} {row['id']} of origin {row['origin']}"
                found[lanes[row["lane"]]] = Trace(words, by_a_person=row["origin"] == "admin")
        return found

    def write(self, destination: str, projection: Projection) -> Written:
        """Write one order in one transaction that waits for nobody.

        Idempotent: what is already there is left alone, `updated_at` included, and a comment is written once for its
        change. BUSY when somebody else holds a row of the order right now. MOVED, and nothing written, when the order
        is not as it was read, or when the ERP has told more since: that may be shown already.
        """
        try:
            return self._session.transaction(lambda work: self._write(work, destination, projection), attempts=1)
        except TransactionConflict:
            return Written.BUSY

    def _write(self, work: Work, destination: str, projection: Projection) -> Written:
        before, after = projection.before, projection.after
        key = {"entity_id": before.entity_id}
        rows = work.rows(self._sql["lock_order"], **key, destination=destination)
        if not rows:
            return Written.GONE
        if replace(_shown_of(rows[0]), lines=before.lines) != before:
            return Written.MOVED
        if projection.change is not None and (rows[0]["newest_change"] or 0) > projection.change:
            return Written.MOVED
        if projection.changes_hold:
            binds = {"state": after.state, "held_state": after.held_state, "held_status": after.held_status}
            work.run(self._holds["show_hold"], **key, **binds, number=after.number, status=after.status)
        elif projection.changes_order:
            statement = "show_in_both" if projection.changes_grid else "show_number_and_status"
            work.run(self._sql[statement], **key, number=after.number, status=after.status)
        if projection.changes_grid and (projection.changes_hold or not projection.changes_order):
            work.run(self._sql["show_in_grid"], **key)
        self._write_lines(work, projection)
        for comment in projection.comments:
            self._comment(work, projection, comment)
        return Written.DONE

    def _write_lines(self, work: Work, projection: Projection) -> None:
        lines = projection.changed_lines
        if lines:
            item_ids = sorted(int(ref) for ref in lines)
            work.rows(self._sql["lock_lines"], item_ids=item_ids)
            key = {"entity_id": projection.before.entity_id, "item_ids": item_ids}
            work.run(self._sql["show_lines"], **key, lines=compact(dict(lines)))

    def _comment(self, work: Work, projection: Projection, comment: Comment) -> None:
        work.run(
            self._sql["add_comment"],
            entity_id=projection.before.entity_id,
            comment=clip(_in_the_plane(comment.text), COMMENT_LIMIT),
            is_visible=int(comment.is_visible),
            status=projection.after.status,
            since=comment.since.replace(microsecond=0),
        )

    def _many(self, work: Work, name: str, entity_ids: Sequence[int]) -> list[Row]:
        return [row for chunk in chunks(entity_ids) for row in work.rows(self._sql[name], entity_ids=chunk)]


def _shown_of(row: Row) -> Shown:
    return Shown(
        entity_id=row["entity_id"],
        state=row["state"] or "",
        status=row["status"],
        number=row["ext_order_id"],
        held_state=row["hold_before_state"],
        held_status=row["hold_before_status"],
        grid=(row["grid_status"], row["grid_number"]) if row["grid_id"] is not None else None,
    )


def _comment_in_words(row: Row) -> str:
    return f"a save with the {row['entity_name'] or 'order'}'s comment of {row['created_at']} (status {row['status']})"


def _in_the_plane(text: str) -> str:
    return "".join(letter if letter <= _LAST_OF_THE_PLANE else "?" for letter in text)
