"""Projections: what Magento should show of an order, against what it shows now. Pure: nothing is read or written here.

The truth is what the ERP has told (`erp_document`) and what it refuses (`erp_rejection`). Magento's rows are its
projection, and Magento's own saves write whole rows: one that was loaded before a projection puts the old values back.
So each projection is judged anew, by three questions:

1. Does Magento show what the truth says? Then nothing is written, and `updated_at` stays.
2. Is it news: a first number, a new status, a refusal, its end? Then it is written, with one comment.
3. Else somebody has changed it since. The number and the lines are ours and are put back. A status is put back only
   where it is one that a stale save brings: none at all, the state's default, the one that we had replaced, or one
   that only the lifecycle map shows. Any other was set on purpose and is left alone, as is a hold that a person took
   off or put on, and one that is as the projector left it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sidecar.domain.acknowledgement import Comment, Projection, Refused, Shown, Statuses, Told, Truth
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.lifecycle import Lifecycle, Meaning

HOLDED: Final = "holded"
HOLDABLE: Final = frozenset({"new", "pending_payment", "processing"})
"""States that Magento's own hold() takes an order out of; it refuses all others."""

LINE_LIMIT: Final = 255
"""sales_order_item.ext_order_item_id is varchar(255)."""

_IN_WORDS: Final[Mapping[Meaning, str]] = {
    Meaning.ACCEPTED: "The ERP has accepted this order.",
    Meaning.AWAITING_APPROVAL: "This order waits in the ERP until somebody there approves it.",
    Meaning.CREDIT_HOLD: "The ERP has stopped this order: the customer's credit does not cover it.",
    Meaning.BLOCKED: "The ERP has blocked this order.",
    Meaning.POSTED: "The ERP has posted this order.",
    Meaning.PARTLY_DELIVERED: "The ERP has delivered a part of this order.",
    Meaning.INVOICED: "The ERP has invoiced this order.",
    Meaning.CLOSED: "This order is closed in the ERP.",
    Meaning.REJECTED: "The ERP has rejected this order.",
    Meaning.CANCELLED: "This order is cancelled in the ERP.",
}


def project(
    truth: Truth, shown: Shown, statuses: Statuses, lifecycle: Lifecycle, *, by_a_person: bool = False
) -> Projection:
    """Judge one order; `by_a_person`: what was changed since was changed by somebody at the admin's desk.

    Raises ConfigurationError for a status that Magento does not pair with the order's state, and for a hold of ours
    whose before-values are gone.
    """
    after = _Judgement(truth, shown, statuses, lifecycle, by_a_person).after()
    told = truth.told
    held = told is not None and after.state == HOLDED and (told.is_held or shown.state != HOLDED)
    return Projection(
        before=shown,
        after=after,
        change=None if told is None else told.change,
        comments=tuple(_comments(truth, lifecycle)),
        overwritten=() if _has_news(truth) else tuple(_overwritten(told, shown, after)),
        is_held=held,
    )


@dataclass(frozen=True, slots=True)
class _Judgement:
    truth: Truth
    shown: Shown
    statuses: Statuses
    lifecycle: Lifecycle
    by_a_person: bool

    def after(self) -> Shown:
        """The order as it shall be."""
        shown, told = self.shown, self.truth.told
        number = shown.number if self.truth.number is None else self.truth.number
        lines = {**shown.lines, **_lines_of(told, shown)}
        after = replace(self._held(), number=number, lines=lines)
        for state, status in ((after.state, after.status), (after.held_state, after.held_status)):
            if status not in (shown.status, shown.held_status):
                self._check(state, status)
        return replace(after, grid=None if shown.grid is None else (after.status, after.number))

    def _held(self) -> Shown:
        """State and status, and what they were before a hold."""
        shown, told = self.shown, self.truth.told
        stops = told is not None and self.lifecycle.holds(told.erp_status)
        if shown.state == HOLDED and self._may_let_go(stops=stops):
            return self._let_go()
        inside = replace(shown, status=self._status_in(shown.state, shown.status))
        if not stops or shown.state not in HOLDABLE or told is None:
            return inside
        was_lost = told.is_held and not self.by_a_person
        if not told.has_news and not was_lost:
            return inside
        status = self.lifecycle.status_for(told.erp_status, HOLDED) or self.statuses.defaults.get(HOLDED, HOLDED)
        return replace(inside, state=HOLDED, status=status, held_state=inside.state, held_status=inside.status)

    def _may_let_go(self, *, stops: bool) -> bool:
        """Only a hold of ours: noted as such, or told by a status that nobody else puts there."""
        if stops or self.truth.told is None:
            return False
        status = self.shown.status
        is_our_status = (HOLDED, status) in self._ours() and status != self.statuses.defaults.get(HOLDED, HOLDED)
        return self.truth.told.is_held or is_our_status

    def _let_go(self) -> Shown:
        shown = self.shown
        if not shown.held_state:
            message = "the ERP goes on with this order, and Magento has lost which state it had before its hold"
            raise ConfigurationError(message, hint="open the order in Magento, and set state and status by hand")
        status = self._status_in(shown.held_state, shown.held_status)
        return replace(shown, state=shown.held_state, status=status, held_state=None, held_status=None)

    def _status_in(self, state: str, current: str | None) -> str | None:
        """The status inside a state: the truth's where it is news or was overwritten, else the one that is there."""
        wanted = self._wanted(state, current)
        if wanted is None or wanted == current:
            return self.statuses.defaults.get(state) if current is None else current
        return wanted if _has_news(self.truth) or self._is_stale(state, current) else current

    def _wanted(self, state: str, current: str | None) -> str | None:
        told, refused = self.truth.told, self.truth.refused
        if refused is not None and refused.is_open:
            status = self.lifecycle.rejection.status_for(state)
            if status is not None:
                return status
        if told is not None:
            status = self.lifecycle.status_for(told.erp_status, state)
            if status is not None:
                return status
        is_over = refused is not None and not refused.is_open
        if is_over and current is not None and current == self.lifecycle.rejection.status_for(state):
            before = refused.status_before if refused is not None else None
            return before if before and (state, before) in self.statuses.pairs else self.statuses.defaults.get(state)
        return None

    def _is_stale(self, state: str, current: str | None) -> bool:
        told, refused = self.truth.told, self.truth.refused
        if current is None:
            return True
        if told is not None and (told.shown_state is None or (told.shown_state, told.shown_status) == (state, current)):
            return False  # it is as it was left, or nobody knows how it was left: before a version that wrote it down
        if current in {one.status_before for one in (told, refused) if one is not None}:
            return True
        if (state, current) in self._ours():
            return True
        return current == self.statuses.defaults.get(state) and (self._has_lost_its_number() or not self.by_a_person)

    def _has_lost_its_number(self) -> bool:
        """Who takes the number away has saved an old copy of the whole row: nobody does that on purpose."""
        told = self.truth.told
        return told is not None and told.shown_number is not None and self.shown.number != told.shown_number

    def _ours(self) -> frozenset[tuple[str, str]]:
        return frozenset(self.lifecycle.pairs())

    def _check(self, state: str | None, status: str | None) -> None:
        if status is None or (state, status) in self.statuses.pairs:
            return
        message = f"status {status!r} is not assigned to state {state!r} in Magento"
        hint = "erp-sidecar doctor prints the command that assigns it; or name another one in the lifecycle map"
        raise ConfigurationError(message, hint=hint)


def _has_news(truth: Truth) -> bool:
    told, refused = truth.told, truth.refused
    return (told is not None and told.has_news) or (refused is not None and refused.is_news)


def _lines_of(told: Told | None, shown: Shown) -> Mapping[str, str]:
    lines = {} if told is None else {ref: line for ref, line in told.lines.items() if line and ref in shown.lines}
    for ref, line in lines.items():
        if len(line) > LINE_LIMIT:
            message = f"the ERP's line of item {ref} has {len(line)} characters; ext_order_item_id holds {LINE_LIMIT}"
            raise ConfigurationError(message, hint="let the profile read another field of the ERP's line")
    return lines


def _overwritten(told: Told | None, shown: Shown, after: Shown) -> Iterable[str]:
    """What Magento showed when the projector left it, and does not show now."""
    if told is None or told.shown_number is None:
        return
    if after.number != shown.number and told.shown_number == after.number:
        yield "number"
    if after.state != shown.state:
        yield "hold"
    elif after.status != shown.status and told.shown_state == shown.state:
        yield "status"
    if any(shown.lines.get(ref) != line for ref, line in after.lines.items()):
        yield "lines"
    if after.grid != shown.grid and replace(after, grid=shown.grid) == shown and shown.status == told.shown_status:
        yield "grid"


def _comments(truth: Truth, lifecycle: Lifecycle) -> Iterable[Comment]:
    """One for each change that matters."""
    told, refused = truth.told, truth.refused
    if told is not None and told.has_news:
        yield Comment(_told_in_words(truth.destination, told, lifecycle), told.told_at)
    elif told is not None and truth.number is not None and told.shown_number not in (None, truth.number):
        yield Comment(f"{truth.destination} holds this order as {told.erp_number} now.", told.told_at)
    if refused is not None and refused.is_news:
        words = _refused_in_words(refused, lifecycle) if refused.is_open else _over_in_words(refused)
        yield Comment(words, refused.told_at, lifecycle.rejection.visible_to_shopper)


def _told_in_words(destination: str, told: Told, lifecycle: Lifecycle) -> str:
    meaning = lifecycle.meaning_of(told.erp_status)
    words = f"Its status in the ERP is {told.erp_status!r}." if meaning is None else _IN_WORDS[meaning]
    if not told.is_first:
        return words
    booked = f"{destination} booked this order as {told.erp_number}."
    return booked if meaning in (None, Meaning.ACCEPTED) else f"{booked} {words}"


def _refused_in_words(refused: Refused, lifecycle: Lifecycle) -> str:
    """Its event is named, so that what an ERP says twice of an order within a second is told twice."""
    words = f"{lifecycle.rejection.prefix} {refused.words}"
    return f"{words}\nWhat to do: {refused.hint or 'ask the operators'} (event {refused.outbox_id})"


def _over_in_words(refused: Refused) -> str:
    if refused.outcome in ("skipped", "cancelled_before_release"):
        return "What the ERP had refused was set aside; it is not sent."
    return "The ERP has taken what it had refused before."
