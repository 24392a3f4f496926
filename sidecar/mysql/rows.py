"""Rows and the domain's values, turned into one another."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeVar

from sidecar.domain.delivery import Delivery, DeliveryState
from sidecar.domain.events import OutboxId
from sidecar.domain.gaps import Gap
from sidecar.domain.reconciliation import KnownDocument
from sidecar.mysql.session import Row

T = TypeVar("T")

CHUNK: Final = 2000
"""How many ids go into one list."""

_MICROSECOND: Final = timedelta(microseconds=1)


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a long list into lists that one statement can take."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def clip(words: str, length: int) -> str:
    """Fit words into a column: what is too long ends in three dots, what is not Unicode becomes '?'."""
    clean = words.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= length else clean[: length - 3] + "..."


def compact(value: object) -> str:
    """Write JSON without blanks."""
    return json.dumps(value, separators=(",", ":"))


def microseconds(duration: timedelta) -> int:
    """Write a duration for `INTERVAL ... MICROSECOND`."""
    return duration // _MICROSECOND


def plain(quantity: Decimal) -> Decimal:
    """Take away the zeros that a wide column adds: 5.000000000000 is 5."""
    return Decimal(format(quantity.normalize(), "f"))


def delivery_of(row: Row) -> Delivery:
    """Read a row of erp_delivery; `due_in_us` is what is left of its delay by the database's clock, `pending_for_us`
    how long it has been pending.
    """
    due_in, pending_for = row["due_in_us"], row["pending_for_us"]
    return Delivery(
        id=OutboxId(row["outbox_id"]),
        lane=row["lane"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        delay=None if due_in is None else timedelta(microseconds=max(due_in, 0)),
        reason=row["reason"],
        fault=row["fault"],
        hint=row["hint"],
        absents=row["absents"],
        resubmitted=bool(row["resubmitted"]),
        handle=row["handle"],
        revision=row["revision"],
        pending_for=None if pending_for is None else timedelta(microseconds=max(pending_for, 0)),
        overdue=bool(row["overdue"]),
        missing=row["missing"] or "",
        mapping=row["mapping"],
    )


def document_of(row: Row) -> KnownDocument:
    """Read a row of erp_document."""
    return KnownDocument(
        entity_id=row["entity_id"],
        external_ref=row["external_ref"],
        erp_id=row["erp_id"],
        erp_number=row["erp_number"],
        revision=row["revision"],
        payload_sha256=row["payload_sha256"],
        erp_status=row["erp_status"],
        confirmed_age=timedelta(microseconds=row["confirmed_age_us"]),
    )


def gaps_as_json(gaps: Iterable[Gap]) -> str:
    """Write gaps as [[first, last], ...]."""
    return compact([[gap.first, gap.last] for gap in gaps])


def gaps_of(text: str) -> tuple[Gap, ...]:
    """Read gaps back."""
    return tuple(Gap(OutboxId(first), OutboxId(last)) for first, last in json.loads(text))


def ids_in(first: int, last: int, holes: str) -> Iterator[int]:
    """The ids of a stored range, its holes left out."""
    for start, end in json.loads(holes):
        yield from range(first, start)
        first = end + 1
    yield from range(first, last + 1)


def covers(row: tuple[int, int, str], outbox_id: int) -> bool:
    """Tell whether a stored range of (first, last, holes) holds an id."""
    first, last, holes = row
    return first <= outbox_id <= last and not any(start <= outbox_id <= end for start, end in json.loads(holes))
