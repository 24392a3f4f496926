"""Results and facts that are the same however an ERP is spoken to, by REST or by SOAP."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from erp_adapters.mapping import MappingError, RuleBook, custom_fields_of, scope_of
from erp_adapters.profiled.faults import EFFECTS
from erp_adapters.profiled.readings import Reading
from sidecar.domain.delivery import ErpMessage, LineResult, Outcome, Reference, Result
from sidecar.domain.documents import Document, OrderDocument, StockCount, StockMovement
from sidecar.domain.errors import ErpThrottled, Retryable

OPERATIONS: Final = {kind: name for name, kind in EFFECTS.items()}
"""The profile's name of the operation that makes an effect."""


def without_operation(product: str, ref: Reference) -> Result:
    """The refusal of an effect that the profile cannot make."""
    sentence = f"the profile of {product} has no operation {OPERATIONS.get(ref.kind, ref.kind)}"
    return MappingError("", sentence, hint="add the operation to the profile, then retry the event").result()


def every_line(result: Result, movement: StockMovement | StockCount) -> Result:
    """Of a document that was made: one word on each of our lines; one that the ERP did not mention is not booked."""
    if result.outcome is not Outcome.CONFIRMED:
        return result
    said = {line.sku: line for line in result.lines}
    lines = tuple(
        said.get(line.sku, LineResult(line.sku, accepted=False, message="the ERP's answer leaves this line out"))
        for line in movement.lines
    )
    return replace(result, lines=lines)


def with_custom_fields(result: Result, document: Document, reading: Reading, rules: RuleBook) -> Result:
    """What a read-back of this order has to show beside lines and totals, where the profile can read it."""
    if (
        result.outcome is not Outcome.CONFIRMED
        or reading.custom_fields is None
        or not isinstance(document, OrderDocument)
    ):
        return result
    held = rules.rules_for(scope_of(document))
    return replace(result, custom_fields=custom_fields_of(document.order.source, held.custom_fields))


def polled_to(outcome: Outcome, sentence: str) -> Result:
    """What asking for a pending document came to, where the ERP's own words do not say it."""
    return Result(outcome, messages=(ErpMessage("error", "POLL", sentence),))


def not_polled(error: Retryable) -> Result:
    """The ERP could not be asked for a pending document now, and nothing is known of it."""
    is_asked_to_wait = isinstance(error, ErpThrottled) or error.retry_after is not None
    outcome = Outcome.RETRY_LATER if is_asked_to_wait else Outcome.NOT_SENT
    return replace(polled_to(outcome, str(error)), retry_after=error.retry_after, hint=error.hint)


def skew_of(theirs: str, ours: datetime) -> timedelta | None:
    """How far the ERP's clock is ahead of ours; None where it told no instant with a zone."""
    try:
        instant = datetime.fromisoformat(theirs)
    except ValueError:
        return None
    return instant - ours if instant.tzinfo is not None else None
