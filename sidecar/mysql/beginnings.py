"""Beginnings: where a destination's cursor stands when it is made.

An event commits after its id was handed out, so "now" is not a number: below the newest id there may be ids of
transactions that are still open, and their events happen after now. They are listed as open gaps, like those that
the relay meets later, and close by the same rule. So each event is either before the start or delivered.

A date is looked for by halving: the outbox has no index on time, but ids are handed out roughly in time's order. Two
hosts' clocks may differ, so the search ends a little early and goes on row by row to the first event that occurred
at the instant or after it. From there on everything counts, the few that a slow clock dates earlier included.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sidecar.domain.delivery import ReceiptOutcome, ReceiptRange
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.events import DestinationName, OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.start import BEGINNING, NOW, UNSAID, Beginning, Start
from sidecar.mysql.deliveries import Deliveries
from sidecar.mysql.fence import DOCUMENTS
from sidecar.mysql.rows import gaps_as_json
from sidecar.mysql.session import Session, Work

SKEW: Final = timedelta(minutes=10)
"""How far the clocks of the hosts that write events may be apart."""

OPEN_IDS: Final = 100_000
"""How many ids back from the start a transaction may still be open."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Beginnings:
    """Makes cursor rows, each once."""

    def __init__(self, session: Session, beginnings: Mapping[DestinationName, Beginning]) -> None:
        """Destinations that are not named begin with the outbox, or with what the purge has left of it."""
        self._sql = session.statements("beginnings")
        self._beginnings = beginnings
        self._deliveries = Deliveries(session, DOCUMENTS)

    def make_cursor(self, work: Work, destination: DestinationName, stream: str) -> None:
        """Make the cursor row of a stream if it is absent, in the caller's transaction.

        Raises ConfigurationError where it must not be guessed, and where the start is yet to come.
        """
        known = {row["stream"] for row in work.rows(self._sql["known_streams"], destination=destination)}
        if stream in known:
            return
        beginning = self._beginnings.get(destination)
        streams: Collection[str] = (stream,)
        if beginning is None:
            start = BEGINNING
        elif known:  # it takes a kind of event that it did not take before: what was not taken then stays so
            start = NOW
        else:
            start, streams = self._checked(work, destination, beginning.start), beginning.streams
        accounted_to, gaps = self._position(work, destination, start)
        for one in streams:
            work.run(
                self._sql["make_cursor"],
                destination=destination,
                stream=one,
                accounted_to=accounted_to,
                open_gaps=gaps_as_json(gaps),
                start_rule=start.said,
            )
        if beginning is not None and DOCUMENTS in streams:
            detail = f"before the start ({start.said}) by blueprint {beginning.blueprint_version}"
            self._receipt(work, destination, accounted_to, gaps, detail)

    def _receipt(self, work: Work, destination: DestinationName, upto: int, gaps: Sequence[Gap], detail: str) -> None:
        """What was there before the start is decided too."""
        (past,) = work.rows(self._sql["events_upto"], upto=upto)
        if not past["events"]:
            return
        holes = tuple((gap.first, OutboxId(min(gap.last, upto))) for gap in gaps if gap.first <= upto)
        first, last = OutboxId(past["first_id"]), OutboxId(upto)
        inside = tuple(hole for hole in holes if hole[1] > first)
        unrouted = ReceiptRange(
            destination, first, last, ReceiptOutcome.UNROUTED, past["events"], inside, detail=detail
        )
        self._deliveries.receipt_ranges(work, [unrouted])

    def _checked(self, work: Work, destination: DestinationName, start: Start) -> Start:
        if start != UNSAID:
            return start
        others = [row["destination"] for row in work.rows(self._sql["other_destinations"], destination=destination)]
        if not others:
            return BEGINNING
        message = f"destination {destination} is new beside {', '.join(others)}, and nothing says where it begins"
        raise ConfigurationError(
            message,
            hint=f"add to the blueprint, under destinations.{destination}: start: now, beginning, or a date",
        )

    def _position(self, work: Work, destination: DestinationName, start: Start) -> tuple[int, list[Gap]]:
        """The last id before the start, and what may still appear at or below it."""
        (ends,) = work.rows(self._sql["ends"])
        floor, newest = int(ends["floor"]), max(int(ends["floor"]), int(ends["newest"]))
        if start == BEGINNING:
            return floor, []
        first = None
        if start.since is not None:
            since_us = (start.since - _EPOCH) // _MICROSECOND
            if since_us > ends["now_us"]:
                message = f"destination {destination} starts at {start.said}, which is yet to come"
                raise ConfigurationError(message, hint="start the sidecar then, or say start: now")
            first = self._first_since(work, since_us, floor + 1, newest)
        upto = newest if first is None else first
        missing = work.rows(self._sql["missing_ids"], floor=max(floor, upto - OPEN_IDS), upto=upto)
        gaps = [Gap(OutboxId(int(row["first_id"])), OutboxId(int(row["last_id"]))) for row in missing]
        return (upto if first is None else first - 1), gaps

    def _first_since(self, work: Work, since_us: int, oldest: int, newest: int) -> int | None:
        """The first event that occurred at the instant or later; None where there is none yet."""
        early = since_us - SKEW // _MICROSECOND
        low, high = oldest, newest + 1
        while low < high:
            middle = (low + high) // 2
            rows = work.rows(self._sql["event_from"], id=middle)
            if not rows or rows[0]["occurred_at_us"] >= early:
                high = middle
            else:
                low = rows[0]["id"] + 1
        found = work.rows(self._sql["event_since"], id=low, since_us=since_us)
        return found[0]["id"] if found else None
