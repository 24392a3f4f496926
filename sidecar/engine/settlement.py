"""Settlement: what an answer, or the lack of one, makes of a head. Pure rules, one per outcome.

The unknown-outcome protocol lives here. A call whose bytes left and whose answer never came is looked up under its
reference, first after the ERP's visibility lag. ONE whose content is ours is a confirmation. ABSENT is believed
only after several look-ups spread over a call's deadline (the process that began it may be frozen, not gone) and
the longest time that the ERP may work on it after that, and only where the ERP can be searched exactly; then the
same reference is sent once more, never twice. Everything else waits for a person.

| the ERP         | ONE                     | ABSENT, several times      | cannot be searched          |
|-----------------|-------------------------|----------------------------|-----------------------------|
| has a key       | ours if it matches      | sent once more, same key   | sent once more, same key    |
| is searched     | ours if it matches      | sent once more             | a person (it never happens) |
| is searched ill | ours if it matches      | a person                   | a person                    |
| is not searched | -                       | -                          | a person                    |

*Matches* means: it carries our event's id, or nothing in it differs from what was sent. An ERP that refuses a
duplicate and names the document is believed no more than a search: the document is read and compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, assert_never

from sidecar.domain.delivery import (
    Capabilities,
    Delivery,
    DeliveryState,
    DocumentKind,
    ErpId,
    Found,
    NamedDocument,
    Outcome,
    Presence,
    ReceiptOutcome,
    Reference,
    Result,
    Snapshot,
)
from sidecar.domain.policy import PATIENCE, RetryPolicy
from sidecar.domain.rejection import REFUSED, UNREADABLE_THERE
from sidecar.engine.pending import accepted, can_be_kept, is_still_pending, still_pending

LONGEST_NUMBER: Final = 128
LONGEST_DELAY: Final = timedelta(days=1)
_REFUSALS: Final = {
    Outcome.REJECTED_BUSINESS: (REFUSED, "mend the cause in the ERP or in the order, then retry"),
    Outcome.REJECTED_INVALID: (UNREADABLE_THERE, "mend the mapping in the blueprint, then retry"),
}
_OF_AN_ORDER: Final = frozenset({DocumentKind.ORDER_CHANGE, DocumentKind.ORDER_CANCEL})
"""Effects that have neither a document nor a key of their own: they are told by the one that they change."""


@dataclass(frozen=True, slots=True)
class Done:
    """The effect is there; `lines` maps our line references to the ERP's, where it was read."""

    outcome: ReceiptOutcome
    erp_id: ErpId
    erp_number: str
    status: str
    detail: str = ""
    by_a_person: bool = False
    lines: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Blocked:
    """The head waits; `delivery` says for what."""

    delivery: Delivery


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A person skipped it, and the ERP does not have it."""


Settlement = Done | Blocked | GivenUp


def settle_result(
    before: Delivery,
    ref: Reference,
    result: Result,
    retry: RetryPolicy,
    caps: Capabilities,
    jitter: float,
    patience: timedelta = PATIENCE,
) -> Settlement:
    """Settle the answer to a submission or to a poll; `before` carries the attempts, this one included.

    `patience` is how long the ERP may work on what it has accepted before a person may decide.
    """
    if is_still_pending(before, result):
        return Blocked(still_pending(before, result, retry, patience, jitter))
    before = _without_handle(before)
    match result.outcome:
        case Outcome.CONFIRMED:
            return _confirmed(before, ref, result, caps)
        case Outcome.ALREADY_EXISTS:
            return Blocked(_to_comparison(before, ref, result, caps))
        case Outcome.ACCEPTED_PENDING:
            unusable = _to_unknown(before, caps, "the ERP's handle cannot be kept", result.words())
            begun = accepted(before, result, retry, patience, jitter)
            return Blocked(begun if can_be_kept(result.handle) else unusable)
        case Outcome.NOT_SENT:
            return Blocked(_to_retry(before, result, retry, jitter, "the ERP was not reached"))
        case Outcome.RETRY_LATER:
            if before.attempts >= retry.attempts:
                reason = f"gave up after {before.attempts} attempts"
                return Blocked(park(_nothing_there(before), reason, result.words()))
            return Blocked(_to_retry(before, result, retry, jitter, "the ERP asked to come back later"))
        case Outcome.REJECTED_BUSINESS | Outcome.REJECTED_INVALID:
            reason, hint = _REFUSALS[result.outcome]
            missing = next((entry.key for entry in result.missing if entry.key), "")
            return Blocked(park(_nothing_there(before), reason, result.words(), result.hint or hint, missing))
        case Outcome.UNKNOWN:
            was_pending = before.state is DeliveryState.PENDING
            reason = "the ERP does not know its own handle any more" if was_pending else "no usable answer came"
            return Blocked(_to_unknown(before, caps, reason, result.words()))
        case _:
            assert_never(result.outcome)


def _without_handle(before: Delivery) -> Delivery:
    return before if before.handle is None else replace(before, handle=None)


def settle_look_up(
    before: Delivery,
    ref: Reference,
    found: Found,
    differences: list[str],
    caps: Capabilities,
    deadline: timedelta,
) -> Settlement:
    """Settle a look-up; `differences` are those between what was sent and the ONE document found.

    `deadline` is how long a call may last before its caller gives up.
    """
    decided = _as_a_person_decided(before, ref, found, differences, caps)
    if decided is not None:
        return decided
    match found.presence:
        case Presence.ONE:
            return _one(before, ref, found.snapshots[0] if found.snapshots else None, differences)
        case Presence.MANY:
            ours = [snapshot for snapshot in found.snapshots if is_ours(ref, snapshot)]
            if caps.find_by_ref == "weak" and len(ours) == 1:
                return _done_by(ref, ours[0], "")  # the others are somebody else's
            numbers = ", ".join(snapshot.erp_number for snapshot in found.snapshots)
            hint = "cancel all but one in the ERP, then retry"
            return Blocked(park(before, "several documents under one reference", numbers, hint))
        case Presence.ABSENT:
            return _absent(before, ref, caps, deadline)
        case Presence.UNSEARCHABLE:
            if _key_protects(ref, caps) and not _is_named(ref) and not before.resubmitted:
                return Blocked(_never_sent(before) if ref.in_doubt else _once_more(before))
            return Blocked(for_a_person(before, ref, caps))
        case _:
            assert_never(found.presence)


def _as_a_person_decided(
    before: Delivery, ref: Reference, found: Found, differences: list[str], caps: Capabilities
) -> Settlement | None:
    """What comes of a decision; None where nobody decided, or where what was found decides."""
    if before.state is DeliveryState.CONFIRMING:
        return _confirmed_by_a_person(before, ref, found, differences)
    if ref.kind in (DocumentKind.ORDER, DocumentKind.REFUND) and found.only_cancelled:
        return _cancelled_there(before, found)
    if before.state is DeliveryState.RETRYING and found.presence in (Presence.ABSENT, Presence.UNSEARCHABLE):
        return Blocked(_sent_at_a_person_s_word(before, same_content=_key_protects(ref, caps)))
    return _skipped(before, ref, found) if before.state is DeliveryState.SKIPPING else None


def _confirmed(before: Delivery, ref: Reference, result: Result, caps: Capabilities) -> Settlement:
    if not _can_be_kept(result.erp_number, result.erp_id):
        return Blocked(_to_unknown(before, caps, "the ERP's number cannot be kept", result.words()))
    return _done(ReceiptOutcome.DELIVERED, ref, result)


def _to_comparison(before: Delivery, ref: Reference, result: Result, caps: Capabilities) -> Delivery:
    """The ERP says that it has this already: true only if what it has is what was sent."""
    reason = "the ERP says that it has this already; comparing"
    unknown = _to_unknown(before, caps, reason, result.words())
    if ref.kind is not DocumentKind.ORDER or result.erp_id is None:
        return unknown
    return replace(unknown, handle=NamedDocument(result.erp_id, result.erp_number or str(result.erp_id)).handle)


def _one(before: Delivery, ref: Reference, snapshot: Snapshot | None, differences: list[str]) -> Settlement:
    """One document stands under our reference: ours, with what was sent, or a person's business."""
    if snapshot is not None and not _can_be_kept(snapshot.erp_number, snapshot.erp_id):
        hint = f"the number must be text of at most {LONGEST_NUMBER} characters: correct the profile, then retry"
        return Blocked(park(before, "the ERP's number cannot be kept", "", hint))
    if snapshot is not None and _is_named(ref) and snapshot.external_ref != ref.external_ref:
        words = f"{snapshot.erp_number}: its reference is {snapshot.external_ref}, not {ref.external_ref}"
        return Blocked(
            park(
                before,
                f"the ERP takes another {_named_after(ref)}'s document for ours",
                words,
                "compare both documents",
            )
        )
    if snapshot is not None and differences and not is_ours(ref, snapshot):
        words = f"{snapshot.erp_number}: " + "; ".join(differences)
        hint = "compare both documents, then retry or skip"
        return Blocked(park(before, "the ERP has our reference with other content", words, hint))
    return _done_by(ref, snapshot, "; ".join(differences))


def _can_be_kept(*names: str | None) -> bool:
    """Tell whether an ERP's names for a document fit our tables; nothing is ever cut to fit."""
    return all(len(name) <= LONGEST_NUMBER and name.isprintable() for name in names if name is not None)


def is_ours(ref: Reference, snapshot: Snapshot) -> bool:
    """Tell whether a document was certainly made by this effect: it carries our event's id, or another version's."""
    return snapshot.event_id is not None and snapshot.event_id in {ref.event_id, *ref.versions}


def comparable(ref: Reference, found: Found) -> tuple[Snapshot, ...]:
    """The one document found, unless it was made of another version than the one that is asked about."""
    if found.presence is not Presence.ONE:
        return ()
    return tuple(snapshot for snapshot in found.snapshots if snapshot.event_id not in ref.versions)


def park(
    before: Delivery, reason: str, fault: str, hint: str = "mend the cause, then retry", missing: str = ""
) -> Delivery:
    """The head awaits a person; `missing` is the entry that it waits for, where that is all."""
    parked = replace(before, state=DeliveryState.PARKED, delay=None, reason=reason, fault=fault, hint=hint)
    return replace(parked, missing=missing)


def for_a_person(before: Delivery, ref: Reference, caps: Capabilities) -> Delivery:
    """The outcome stays unknown and nobody but a person can find out."""
    named = "the ERP says that it has it already, and does not show it"
    searched = "the outcome is unknown: look-ups found nothing, or the ERP cannot be searched"
    return replace(
        before,
        state=DeliveryState.UNKNOWN,
        delay=None,
        reason=named if _is_named(ref) else searched,
        hint=_where_to_look(ref, caps),
    )


def _where_to_look(ref: Reference, caps: Capabilities) -> str:
    if ref.kind in (DocumentKind.STOCK_MOVEMENT, DocumentKind.STOCK_DEMAND, DocumentKind.STOCK_COUNT):
        return (
            f"look in the ERP for {ref.external_ref}. If it is there: erp-sidecar window skip; "
            "if it is not: erp-sidecar window retry, which looks once more before it sends"
        )
    of = "of " if ref.kind is DocumentKind.REFUND else ""
    what = ref.external_ref if ref.target is None else f"{ref.external_ref} ({of}{ref.target})"
    return (
        f"look in {caps.where_to_look} for {what}. If it is there: erp-sidecar event confirm, with its number; "
        "if it is not: erp-sidecar event retry, which looks once more before it sends"
    )


def unknown_after_restart(before: Delivery, caps: Capabilities) -> Delivery:
    """An intent without a receipt: the call was begun by a process that is gone."""
    return _to_unknown(before, caps, "the sidecar stopped during the call", "")


def _sent_at_a_person_s_word(before: Delivery, *, same_content: bool = False) -> Delivery:
    """Send it again; under a key that the ERP remembers only with the content that it remembers with it."""
    return replace(
        before,
        state=DeliveryState.READY,
        delay=timedelta(),
        reason="a person asked for another try",
        absents=0,
        resubmitted=same_content and before.revision != 0,
        handle=None,
        missing="",
        mapping="",
    )


def _nothing_there(before: Delivery) -> Delivery:
    """The ERP refused the only attempt that it may have seen: it has nothing of it, and the content is free again."""
    return before if before.resubmitted else replace(before, revision=0, mapping="")


def _is_named(ref: Reference) -> bool:
    """Tell whether somebody has named the ERP's document for this order."""
    return ref.kind is DocumentKind.ORDER and ref.target is not None


def _own_document(ref: Reference) -> ErpId:
    """The ERP's key of the effect's own document, as far as it is known: a refund's target is the order's."""
    return ErpId("") if ref.target is None or ref.kind is DocumentKind.REFUND else ref.target


def _named_after(ref: Reference) -> str:
    return str(ref.kind) if ref.kind in (DocumentKind.REFUND, DocumentKind.CUSTOMER) else "order"


def _cancelled_there(before: Delivery, found: Found) -> Settlement:
    """The ERP cancelled the document that it has: no delivery, and only a person can say whether to send it anew."""
    match before.state:
        case DeliveryState.RETRYING:
            return Blocked(_sent_at_a_person_s_word(before))
        case DeliveryState.SKIPPING:
            return GivenUp()
        case _:
            numbers = ", ".join(snapshot.erp_number for snapshot in found.snapshots)
            hint = "retry to send it anew, or skip it"
            return Blocked(park(before, "the ERP's document is cancelled", numbers, hint))


def _skipped(before: Delivery, ref: Reference, found: Found) -> Settlement:
    """Skip what the ERP does not have; adopt what it has, so that the order's next event does not create it again."""
    match found.presence:
        case Presence.ONE:
            done = _done_by(ref, found.snapshots[0] if found.snapshots else None, before.reason)
            return replace(done, outcome=ReceiptOutcome.SKIPPED, by_a_person=True)
        case Presence.MANY:
            numbers = ", ".join(snapshot.erp_number for snapshot in found.snapshots)
            hint = "cancel all but one in the ERP, then skip again"
            return Blocked(park(before, "several documents under one reference", numbers, hint))
        case Presence.ABSENT:
            return GivenUp()
        case Presence.UNSEARCHABLE if ref.kind in _OF_AN_ORDER:
            return GivenUp()
        case Presence.UNSEARCHABLE:
            hint = f"this ERP cannot be searched: look for {ref.external_ref} there, then confirm its number, or retry"
            return Blocked(park(before, "it cannot be skipped while nobody knows whether the ERP has it", "", hint))
        case _:
            assert_never(found.presence)


def _confirmed_by_a_person(before: Delivery, ref: Reference, found: Found, differences: list[str]) -> Settlement:
    """A person named the document. Where the ERP shows it, it must not be somebody else's; else their word decides."""
    own = _own_document(ref)
    named = NamedDocument.of(before.handle) or NamedDocument(own, str(own))
    match found.presence:
        case Presence.UNSEARCHABLE:
            done = Done(ReceiptOutcome.ALREADY_THERE, named.erp_id, named.erp_number, "", before.reason)
            return replace(done, by_a_person=True)
        case Presence.ABSENT:
            hint = "look its number up in the ERP, then confirm it again; or retry"
            return Blocked(park(before, "the ERP does not have the document that was named", named.erp_number, hint))
        case Presence.ONE | Presence.MANY:
            return _the_named_one(before, ref, found, named, differences)
        case _:
            assert_never(found.presence)


def _the_named_one(
    before: Delivery, ref: Reference, found: Found, named: NamedDocument, differences: list[str]
) -> Settlement:
    snapshot = next((one for one in found.snapshots if named.erp_number in (one.erp_number, one.erp_id)), None)
    if snapshot is None and ref.kind in _OF_AN_ORDER:
        return replace(_done_by(ref, None, before.reason), erp_number=named.erp_number, by_a_person=True)
    if snapshot is None:
        numbers = ", ".join(one.erp_number for one in found.snapshots)
        words = f"{numbers} has the reference {ref.external_ref}; {named.erp_number} was named"
        return Blocked(park(before, "the ERP has it under another number", words, "confirm the right number"))
    if snapshot.cancelled and ref.kind is not DocumentKind.ORDER_CANCEL:
        hint = "confirm a document that stands; or retry to send it anew"
        return Blocked(park(before, "the ERP's document is cancelled", snapshot.erp_number, hint))
    if differences and snapshot.external_ref != ref.external_ref:
        words = f"{snapshot.erp_number}: its reference is {snapshot.external_ref or 'empty'}; " + "; ".join(differences)
        hint = "confirm the right number; or write our reference into the document, then confirm it again"
        return Blocked(park(before, f"the document that was named is not this {_named_after(ref)}'s", words, hint))
    return replace(_done_by(ref, snapshot, "; ".join([before.reason, *differences])), by_a_person=True)


def _absent(before: Delivery, ref: Reference, caps: Capabilities, deadline: timedelta) -> Settlement:
    absents = before.absents + 1
    seen = replace(before, absents=absents, delay=_spacing(caps, deadline))
    if absents < caps.absent_confirmations:
        return Blocked(replace(seen, reason=f"not found yet ({absents} of {caps.absent_confirmations} look-ups)"))
    is_proof = _is_searched_exactly(ref, caps) or _key_protects(ref, caps)
    if before.resubmitted or _is_named(ref) or not is_proof:
        return Blocked(for_a_person(seen, ref, caps))
    return Blocked(_never_sent(seen) if ref.in_doubt else _once_more(seen))


def _once_more(before: Delivery) -> Delivery:
    """Send the same content under the same reference; it is not done a second time."""
    reason = "the ERP does not have it; it is sent once more"
    return replace(before, state=DeliveryState.READY, delay=timedelta(), reason=reason, absents=0, resubmitted=True)


def _never_sent(before: Delivery) -> Delivery:
    """The lost time had not sent it: it goes the way of every other event, through the release gate."""
    reason = "the ERP does not have it"
    return replace(before, state=DeliveryState.READY, delay=timedelta(), reason=reason, absents=0)


def _is_searched_exactly(ref: Reference, caps: Capabilities) -> bool:
    """A change or a cancellation is looked up in its own document, under the ERP's own key."""
    return bool(_own_document(ref)) or caps.find_by_ref == "exact"


def _key_protects(ref: Reference, caps: Capabilities) -> bool:
    return caps.native_dedupe != "none" and ref.kind not in _OF_AN_ORDER


def _spacing(caps: Capabilities, deadline: timedelta) -> timedelta:
    window = max(caps.find_visibility_lag, deadline + caps.longest_processing)
    return window / (caps.absent_confirmations - 1)


def _to_unknown(before: Delivery, caps: Capabilities, reason: str, fault: str) -> Delivery:
    return replace(
        before,
        state=DeliveryState.UNKNOWN,
        delay=caps.find_visibility_lag,
        reason=reason,
        fault=fault,
        absents=0,
    )


def _to_retry(before: Delivery, result: Result, retry: RetryPolicy, jitter: float, reason: str) -> Delivery:
    delay = retry.delay(max(1, before.attempts), jitter)
    if result.retry_after is not None:
        delay = min(max(delay, result.retry_after), LONGEST_DELAY)
    return replace(
        _nothing_there(before),
        state=DeliveryState.RETRY,
        delay=delay,
        reason=reason,
        fault=result.words(),
        hint=result.hint,
    )


def _done(outcome: ReceiptOutcome, ref: Reference, result: Result) -> Done:
    erp_id = result.erp_id or _own_document(ref)
    return Done(outcome, erp_id, result.erp_number or str(erp_id), result.status, result.words())


def _done_by(ref: Reference, snapshot: Snapshot | None, detail: str) -> Done:
    if snapshot is None:
        own = _own_document(ref)
        return Done(ReceiptOutcome.ALREADY_THERE, own, str(own), "", detail)
    done = Done(ReceiptOutcome.ALREADY_THERE, snapshot.erp_id, snapshot.erp_number, snapshot.status, detail)
    return replace(done, lines=snapshot.erp_lines)
