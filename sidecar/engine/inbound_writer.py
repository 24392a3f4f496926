"""The writer of inbound documents: each becomes Magento's own, once, by Magento's own services.

None of these services is idempotent, so each call goes through the same steps:

1. What bears on the document is read from Magento's tables, and judged (`inbound_planner`). What does not fit is PARKED
   in plain words, what needs something else first waits; nothing was asked yet.
2. The call is committed as CALLING, with all of what is asked, before its first byte.
3. The answer decides: made (and read back), refused (PARKED, with Magento's words), nothing done (RETRY), or UNKNOWN.
4. UNKNOWN, or left CALLING by a process that is gone: Magento's tables are searched for our mark (`sightings`). Found:
   done. Absent: PHP may still be running, so it is looked for again once `patience` is over, and then asked once more,
   once. A call that moves money is not: a provider does not roll back when Magento does, so a person looks there.

Documents of one order are made one after the other, of several orders at once.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sidecar.domain.delivery import Outcome
from sidecar.domain.errors import AlreadyThere, NotYet, Unfit
from sidecar.domain.events import DestinationName
from sidecar.domain.inbound import (
    Ask,
    Decision,
    InboundEntry,
    InboundKind,
    InboundState,
    MagentoAnswer,
    Service,
    Verdict,
)
from sidecar.domain.inbound_plans import try_again_in
from sidecar.domain.money import differs
from sidecar.domain.naming import Names
from sidecar.domain.order_standing import MagentoDocument
from sidecar.domain.policy import DestinationPolicy, InboundPolicy
from sidecar.domain.reconciliation import Finding, FindingKind
from sidecar.domain.sightings import Seen, Sighting, carries, look
from sidecar.engine.inbound_planner import InboundPlanner
from sidecar.ports import Clock, InboundStore, MagentoDocuments, MagentoServices, Observer

AT_ONCE: Final = 4
"""Orders whose documents are made at the same time: each keeps one of the shop's PHP processes busy."""

FIRST_LOOK: Final = timedelta(seconds=5)
LONGEST_WAITS: Final = 20
"""Hours of waiting for something else; then a person is told."""

REFUSES_US: Final = (401, 403)
SOURCE: Final = "inbound"
_RETRY: Final = "erp-sidecar inbound retry {id} --reason '...'"
_SKIP: Final = "erp-sidecar inbound skip {id} --reason '...'"


class InboundWriter:
    """Makes the documents of one destination. Its turns are taken by one thread, its calls by several."""

    def __init__(
        self,
        policy: DestinationPolicy,
        inbound: InboundPolicy,
        names: Names,
        store: InboundStore,
        magento: MagentoDocuments,
        services: MagentoServices,
        trusted: Callable[[], bool],
        clock: Clock,
        observer: Observer,
        at_once: int = AT_ONCE,
    ) -> None:
        """Doubts what a process before has left CALLING; `trusted` says whether the lease still holds."""
        self._policy, self._inbound = policy, inbound
        self._destination: DestinationName = policy.name
        self._store, self._magento, self._services = store, magento, services
        self._trusted, self._clock, self._observer = trusted, clock, observer
        self._planner = InboundPlanner(policy.name, inbound, policy.tolerance, names, store, magento)
        self._at_once = at_once
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="magento")
        self._paused_until = 0.0
        store.doubt_calls(policy.name)

    def turn(self) -> bool:
        """Work on what is due, one document of each order; tells whether there was anything."""
        if not self._trusted() or self._clock.monotonic() < self._paused_until:
            return False
        due = self._store.due(self._destination, self._at_once)
        for _ in self._pool.map(self._work, due):
            pass
        return bool(due)

    def rest(self, seconds: float) -> None:
        """Sleep."""
        self._clock.sleep(seconds)

    def finish(self, grace: timedelta) -> None:
        """Every turn ends what it began."""

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=True)

    def _work(self, entry: InboundEntry) -> None:
        if not self._trusted():
            return
        try:
            if entry.state is InboundState.UNKNOWN:
                self._settle(entry, self._looked_for(entry))
            elif entry.document.kind is InboundKind.SHORTAGE and entry.decision is not Decision.REFUND:
                self._settle(entry, self._asking_a_person(entry))
            else:
                self._make(entry, self._planner.ask_for(entry))
        except AlreadyThere as already:
            self._settle(entry, Verdict(InboundState.DONE, str(already), shortage=self._planner.shortage_after(entry)))
        except NotYet as first:
            self._settle(entry, self._waiting(entry, first))
        except Unfit as unfit:
            self._settle(entry, self._parked(entry, str(unfit), unfit.hint, findings=self._changed_there(entry, unfit)))

    # -- calls ---------------------------------------------------------------------------------------------------

    def _make(self, entry: InboundEntry, ask: Ask) -> None:
        begun = self._store.begin(entry, ask)
        if begun is None:
            return
        if not self._trusted():  # committed, and not one byte of it sent
            self._settle(begun, Verdict(InboundState.RETRY, delay=timedelta(), resubmitted=begun.resubmitted))
            return
        self._settle(begun, self._answered(begun, ask, self._call(begun.entity_id, ask)))

    def _call(self, order_id: int, ask: Ask) -> MagentoAnswer:
        deadline = self._inbound.call_deadline.total_seconds()
        match ask.service:
            case Service.SHIP:
                return self._services.ship(order_id, ask.request, deadline)
            case Service.ADD_TRACK:
                return self._services.add_track(ask.target, order_id, ask.request.tracks[0], deadline)
            case Service.INVOICE:
                return self._services.invoice(order_id, ask.request, deadline)
            case Service.REFUND_ORDER:
                return self._services.refund_order(order_id, ask.request, deadline)
            case Service.REFUND_INVOICE:
                return self._services.refund_invoice(ask.target, ask.request, deadline)
            case Service.CANCEL:
                return self._services.cancel(order_id, deadline)

    def _answered(self, entry: InboundEntry, ask: Ask, answer: MagentoAnswer) -> Verdict:
        match answer.outcome:
            case Outcome.CONFIRMED:
                return self._read_back(entry, ask, answer.entity_id)
            case Outcome.REJECTED_BUSINESS | Outcome.REJECTED_INVALID:
                findings = (self._finding(entry, FindingKind.CAPTURE_FAILED, "no invoice", answer.words),)
                first = "look at the payment provider first; " if ask.moves_money else ""
                return self._parked(
                    entry,
                    "Magento refused it",
                    f"{first}mend in Magento what it says, then: {_RETRY}",
                    fault=answer.words or "no words",
                    findings=findings if ask.request.capture else (),
                )
            case Outcome.RETRY_LATER | Outcome.NOT_SENT:
                return self._nothing_done(entry, answer)
            case _:
                reason = answer.words or "Magento was asked, and no usable answer came"
                return self._verdict(entry, InboundState.UNKNOWN, reason, delay=FIRST_LOOK)

    def _nothing_done(self, entry: InboundEntry, answer: MagentoAnswer) -> Verdict:
        """Whatever keeps Magento from doing this keeps it from doing the others, too."""
        delay = answer.retry_after or self._policy.retry.delay(entry.attempts, self._clock.jitter())
        refuses_us = answer.status in REFUSES_US
        pause = max(delay, timedelta(minutes=1)) if refuses_us else delay
        self._paused_until = max(self._paused_until, self._clock.monotonic() + pause.total_seconds())
        hint = "erp-sidecar doctor tells what Magento allows us" if refuses_us else ""
        reason = answer.words or "Magento could not be reached"
        if entry.attempts >= self._policy.retry.attempts:
            return self._parked(entry, reason, hint or f"when Magento is well again: {_RETRY}")
        return self._verdict(entry, InboundState.RETRY, reason, hint, delay=delay)

    def _read_back(self, entry: InboundEntry, ask: Ask, magento_id: int) -> Verdict:
        """Magento says that it is done: look whether it is, and whether it is what was asked for."""
        if ask.service is Service.CANCEL:
            order = self._magento.standing(entry.entity_id)
            if order is not None and order.state == "canceled":
                return self._verdict(entry, InboundState.DONE, "the order is cancelled")
        elif ask.service is Service.ADD_TRACK:
            return self._verdict(entry, InboundState.NEW, "a track was added", delay=timedelta())
        else:
            for made in self._magento.documents(entry.entity_id, ask.service):
                if made.entity_id == magento_id:
                    return self._made(entry, ask, made)
        return self._verdict(
            entry, InboundState.UNKNOWN, "Magento says that it is done, and does not show it", delay=FIRST_LOOK
        )

    def _made(self, entry: InboundEntry, ask: Ask, made: MagentoDocument) -> Verdict:
        verdict = self._verdict(
            entry, InboundState.DONE, f"Magento made {made.increment_id}", findings=self._misfits(entry, ask, made)
        )
        return replace(verdict, magento_id=made.entity_id, shortage=self._planner.shortage_after(entry))

    def _misfits(self, entry: InboundEntry, ask: Ask, made: MagentoDocument) -> tuple[Finding, ...]:
        found = []
        if not carries(made, ask):
            wanted = ", ".join(f"{line.quantity} of item {line.item_id}" for line in ask.request.lines)
            there = ", ".join(f"{quantity} of item {item_id}" for item_id, quantity in made.lines.items())
            found.append(self._finding(entry, FindingKind.DOCUMENT_DIFFERS, there, wanted))
        if ask.request.capture and not (made.is_paid and made.has_transaction):
            there = f"{made.increment_id}: " + ("paid without a transaction" if made.is_paid else "not paid")
            found.append(self._finding(entry, FindingKind.CAPTURE_FAILED, there, "the goods are invoiced"))
        theirs = entry.document.amounts.get("grand_total")
        ours = made.grand_total
        if theirs is not None and ours is not None and differs(ours, theirs, self._policy.tolerance):
            path = f"{made.increment_id}.grand_total"
            found.append(self._finding(entry, FindingKind.DOCUMENT_DIFFERS, str(ours), str(theirs), path))
        return tuple(found)

    # -- lost calls ----------------------------------------------------------------------------------------------

    def _looked_for(self, entry: InboundEntry) -> Verdict:
        ask, ago = entry.ask, entry.called_ago
        if ask is None or ago is None:
            return self._verdict(entry, InboundState.NEW, delay=timedelta())
        if ask.service is Service.CANCEL:
            order = self._magento.standing(entry.entity_id)
            if order is not None and order.state == "canceled":
                return self._verdict(entry, InboundState.DONE, "the order is cancelled")
            return self._absent(entry, ask, ago)
        documents = self._magento.documents(entry.entity_id, ask.service)
        if ask.service is Service.ADD_TRACK:
            if any(ask.request.mark in made.tracks for made in documents if made.entity_id == ask.target):
                return self._verdict(entry, InboundState.NEW, "the track is there", delay=timedelta())
            return self._absent(entry, ask, ago)
        return self._as_seen(entry, ask, ago, look(ask, documents, self._store.claimed(entry, ask.service), ago))

    def _as_seen(self, entry: InboundEntry, ask: Ask, ago: timedelta, seen: Seen) -> Verdict:
        numbers = ", ".join(made.increment_id for made in seen.documents)
        match seen.sighting:
            case Sighting.FOUND:
                return self._made(entry, ask, seen.documents[0])
            case Sighting.SEVERAL:
                reason = f"Magento has it more than once: {numbers}"
                findings = (self._finding(entry, FindingKind.DOUBLE_DOCUMENT, numbers, "one document"),)
                return self._parked(entry, reason, f"undo all but one in Magento, then: {_SKIP}", findings=findings)
            case Sighting.DOUBTFUL:
                reason = f"the answer was lost; {numbers} has these quantities and not our comment"
                hint = f"if that is it: {_SKIP}; if somebody else made it: {_RETRY}"
                if entry.decision is not Decision.RETRY:
                    return self._parked(entry, reason, hint)
                return self._absent(entry, ask, ago)
            case Sighting.ABSENT:
                return self._absent(entry, ask, ago)

    def _absent(self, entry: InboundEntry, ask: Ask, ago: timedelta) -> Verdict:
        left = self._inbound.patience - ago
        if left > timedelta():
            reason = "the answer was lost and Magento has nothing of it; PHP may still be running"
            return self._verdict(entry, InboundState.UNKNOWN, reason, delay=left)
        if entry.decision is Decision.RETRY:
            return self._verdict(entry, InboundState.RETRY, "Magento has nothing of it; asked again", delay=timedelta())
        if ask.moves_money:
            reason = (
                "the answer was lost and Magento has nothing of it, but the payment provider may have moved the money"
            )
            hint = f"look at the payment provider; if it has nothing: {_RETRY}; else mend Magento, then: {_SKIP}"
            return self._parked(entry, reason, hint)
        if entry.resubmitted:
            reason = "the answer was lost twice and Magento has nothing of it"
            return self._parked(entry, reason, f"look at Magento's exception.log, then: {_RETRY}")
        verdict = self._verdict(
            entry, InboundState.RETRY, "Magento has nothing of it; asked once more", delay=timedelta()
        )
        return replace(verdict, resubmitted=True)

    # -- verdicts ------------------------------------------------------------------------------------------------

    def _asking_a_person(self, entry: InboundEntry) -> Verdict:
        short = self._planner.question(entry)
        if entry.decision is Decision.WAIT:
            return self._verdict(entry, InboundState.WAITING, short.words)
        finding = self._finding(entry, FindingKind.SHORT_PICK, "ordered", short.words)
        hint = "erp-sidecar inbound decide {id} refund|wait|ignore --reason '...'"
        return self._parked(entry, short.words, hint, findings=(finding,))

    def _waiting(self, entry: InboundEntry, first: NotYet) -> Verdict:
        if entry.waits >= LONGEST_WAITS:
            return self._parked(entry, str(first), f"{first.hint}; then: {_RETRY}")
        verdict = self._verdict(entry, InboundState.RETRY, str(first), first.hint, delay=try_again_in(entry.waits))
        return replace(verdict, waited=True)

    def _changed_there(self, entry: InboundEntry, unfit: Unfit) -> tuple[Finding, ...]:
        if entry.magento_id is None:
            return ()
        kind = FindingKind.REVERSED_DOCUMENT if entry.document.reversed else FindingKind.CHANGED_DOCUMENT
        return (self._finding(entry, kind, f"document {entry.magento_id}", str(unfit)),)

    def _parked(
        self, entry: InboundEntry, reason: str, hint: str, *, fault: str = "", findings: tuple[Finding, ...] = ()
    ) -> Verdict:
        return self._verdict(entry, InboundState.PARKED, reason, hint, fault=fault, findings=findings)

    def _verdict(
        self,
        entry: InboundEntry,
        state: InboundState,
        reason: str = "",
        hint: str = "",
        *,
        fault: str = "",
        delay: timedelta | None = None,
        findings: tuple[Finding, ...] = (),
    ) -> Verdict:
        return Verdict(state, reason, hint, fault=fault, delay=delay, resubmitted=entry.resubmitted, findings=findings)

    def _finding(self, entry: InboundEntry, kind: FindingKind, magento: str, erp: str, path: str = "") -> Finding:
        where = f"{entry.document.kind} {entry.document.erp_number} {path}".strip()
        return Finding(self._destination, kind, entry.subject, where, magento, erp, SOURCE)

    def _settle(self, entry: InboundEntry, verdict: Verdict) -> None:
        if not self._store.settle(self._destination, entry, verdict):
            return
        self._observer.note(
            f"inbound.{verdict.state}",
            destination=self._destination,
            document=entry.id,
            kind=str(entry.document.kind),
            order=entry.entity_id,
            magento=verdict.magento_id,
            findings=[str(finding.kind) for finding in verdict.findings],
        )
