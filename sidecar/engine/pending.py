"""Pending: what the ERP has accepted and works on is asked for by its handle, ever more rarely, and never sent again.

The next question comes after as long again as the document has waited already, times the blueprint's factor less one:
5 s, 10 s, 20 s ... up to the ceiling of retries, or when the ERP asked for it. A document that is not done by the
blueprint's deadline is *overdue*: it becomes a finding, and a person may decide about it. It is asked for all the
same, so that a late answer settles it and the finding is repaired.

| the answer                       | what becomes of the head                                        |
|----------------------------------|-----------------------------------------------------------------|
| still works on it                | pending                                                         |
| cannot be asked now              | pending: nothing is known that was not known before             |
| done, refused                    | as if it had been answered at once                              |
| does not know the handle         | unknown: looked up under our reference, as after a lost answer  |
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sidecar.domain.delivery import Delivery, DeliveryState, Outcome, Result
from sidecar.domain.policy import RetryPolicy
from sidecar.domain.reconciliation import Finding, FindingKind

LONGEST_HANDLE: Final = 512
LONGEST_PAUSE: Final = timedelta(days=1)

_SAYS_NOTHING: Final = frozenset({Outcome.ACCEPTED_PENDING, Outcome.NOT_SENT, Outcome.RETRY_LATER})
"""Answers to a poll after which as much is known as before."""

_STAYS: Final = frozenset(
    {DeliveryState.PENDING, DeliveryState.RETRYING, DeliveryState.SKIPPING, DeliveryState.CONFIRMING}
)
"""States in which an overdue document is still in question."""


def is_still_pending(before: Delivery, result: Result) -> bool:
    """Tell whether a poll has told nothing new."""
    return before.state is DeliveryState.PENDING and result.outcome in _SAYS_NOTHING


def accepted(before: Delivery, result: Result, retry: RetryPolicy, patience: timedelta, jitter: float) -> Delivery:
    """The head once the ERP has taken it; it is asked for from now on."""
    begun = replace(before, state=DeliveryState.PENDING, handle=result.handle, pending_for=timedelta(), overdue=False)
    return still_pending(begun, result, retry, patience, jitter)


def still_pending(before: Delivery, result: Result, retry: RetryPolicy, patience: timedelta, jitter: float) -> Delivery:
    """The head after a poll that told nothing new; `patience` is how long the ERP may work on it."""
    waited = before.pending_for or timedelta()
    overdue = waited >= patience
    pause = min(max(retry.first, waited * (retry.factor - 1)), retry.ceiling) * (1 - jitter / 2)
    if not overdue:
        pause = min(pause, max(patience - waited, retry.first))
    if result.retry_after is not None:
        pause = max(pause, min(result.retry_after, LONGEST_PAUSE))
    return replace(
        before,
        delay=pause,
        overdue=overdue,
        reason=f"the ERP has worked on it for longer than {patience}" if overdue else "the ERP works on it",
        fault=result.words(),
        hint=_what_to_do(before) if overdue else "",
    )


def can_be_kept(handle: str | None) -> bool:
    """Tell whether a handle can be asked for later."""
    return handle is not None and 0 < len(handle) <= LONGEST_HANDLE and handle.isprintable()


def no_longer_pending(delivery: Delivery) -> Delivery:
    """The head without what was said of its waiting, once it waits for something else."""
    if delivery.state in _STAYS or delivery.pending_for is None:
        return delivery
    return replace(delivery, pending_for=None, overdue=False)


def is_answered(before: Delivery, after: Delivery | None) -> bool:
    """Tell whether an overdue document is none any more; `after` is None where the head is done."""
    return before.overdue and (after is None or after.state not in _STAYS)


def overdue_finding(destination: str, delivery: Delivery, subject: str, reference: str) -> Finding:
    """The finding of a document that the ERP has accepted and not done."""
    there = f"accepted under the handle {delivery.handle}, and not done"
    path = f"event:{delivery.id}"
    return Finding(destination, FindingKind.PENDING_TOO_LONG, subject, path, f"{reference} was sent", there, "relay")


def _what_to_do(delivery: Delivery) -> str:
    return (
        f"ask the ERP's owners what became of {delivery.handle}. If it is done: erp-sidecar event confirm, with its "
        "number; if it never will be: erp-sidecar event retry, which looks once more before it sends, or event skip"
    )
