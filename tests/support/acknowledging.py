"""Orders that are acknowledged one at a time, beside the projector: read, judged and written as it does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sidecar.domain.acknowledgement import Mark, Refused, Told, Truth, Written
from sidecar.domain.lifecycle import Lifecycle
from sidecar.domain.projection import project
from sidecar.mysql.projection_store import ProjectionStore
from sidecar.mysql.projections import Projections
from sidecar.mysql.session import Session
from tests.support.stores import ERP

TOLD_AT = datetime(2020, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def told(
    number: str = "SO-1",
    *,
    status: str = "booked",
    change: int = 7,
    lines: dict[str, str] | None = None,
    left: tuple[str | None, str | None, str | None] = (None, None, None),
    projected: str | None = None,
    status_before: str | None = None,
    is_held: bool = False,
) -> Told:
    """What the ERP told of order 42; `left`: number, state and status as the projector left them, once it did."""
    return Told(
        entity_id=42,
        erp_number=number,
        erp_status=status,
        change=change,
        told_at=TOLD_AT,
        lines=lines or {},
        projected_change=0 if projected is None else change,
        projected_status=projected,
        shown_number=left[0],
        shown_state=left[1],
        shown_status=left[2],
        status_before=status_before,
        is_held=is_held,
    )


def refused(
    words: str = "CREDIT: limit exceeded",
    *,
    outcome: str | None = None,
    status_before: str | None = None,
    is_news: bool = True,
) -> Refused:
    """A refusal of order 42's event 7."""
    return Refused(7, 42, words, "raise the limit, then retry", TOLD_AT, status_before, outcome, is_news)


def truth_of(one: Told | None = None, other: Refused | None = None) -> Truth:
    """The truth about order 42; numbers are shown as they are."""
    return Truth(ERP, 42, one, other, None if one is None else one.erp_number)


def acknowledge(session: Session, truth: Truth, lifecycle: Lifecycle | None = None) -> Written:
    """One order on its way from the truth into Magento's rows; GONE where there is none."""
    magento = Projections(session)
    shown = magento.shown([truth])
    if truth.entity_id not in shown:
        return Written.GONE
    projection = project(truth, shown[truth.entity_id], magento.statuses(), lifecycle or Lifecycle())
    if projection.is_empty:
        return Written.DONE
    return magento.write(truth.destination, projection)


def carry(session: Session, entity_ids: Sequence[int], lifecycle: Lifecycle | None = None) -> None:
    """Leave orders as the projector does: written, then marked."""
    store, magento, marks = ProjectionStore(session, ERP), Projections(session), []
    for entity_id, truth in store.truths(entity_ids).items():
        numbered = replace(truth, number=None if truth.told is None else truth.told.erp_number)
        shown = magento.shown([numbered])[entity_id]
        projection = project(numbered, shown, magento.statuses(), lifecycle or Lifecycle())
        store.begin(numbered, projection)
        assert projection.is_empty or magento.write(ERP, projection) is Written.DONE
        marks.append(Mark(numbered, projection, "a test" if projection.overwritten else ""))
    store.mark(marks)
