"""The judge: what an answer makes of a head, what it says about the ERP, and where both sides differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from sidecar.domain.delivery import Capabilities, EntityType, Outcome, Snapshot
from sidecar.domain.documents import Document, OrderDocument, RefundDocument
from sidecar.domain.events import OutboxId
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.reconciliation import Finding, OrderFacts, compare
from sidecar.engine.dispatcher import Answer
from sidecar.engine.governor import Governor
from sidecar.engine.pending import is_answered, no_longer_pending, overdue_finding
from sidecar.engine.plan import Action, Call
from sidecar.engine.settlement import (
    Blocked,
    Done,
    Settlement,
    comparable,
    for_a_person,
    settle_look_up,
    settle_result,
)
from sidecar.ports import Clock, Observer

LOOK_UP_PAUSE: Final = timedelta(seconds=2)
LONGEST_LOOK_UP_PAUSE: Final = timedelta(minutes=1)
MOST_LOOK_UPS: Final = 20
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an answer makes of a head, what is found by it, and the fingerprints of findings that are none any more."""

    settlement: Settlement
    findings: Sequence[Finding]
    resolved: tuple[str, ...] = ()


class Judge:
    """Judges the answers of one destination; tells its governor what each says about the ERP."""

    def __init__(
        self, policy: DestinationPolicy, caps: Capabilities, governor: Governor, clock: Clock, observer: Observer
    ) -> None:
        """Nothing has failed yet."""
        self._policy, self._caps, self._governor = policy, caps, governor
        self._clock, self._observer = clock, observer
        self._failed_look_ups: dict[OutboxId, int] = {}

    def judge(self, answer: Answer) -> Judgement:
        """The settlement of one answer, and what is found by it: differences between what was sent and what is there,
        and a document that is overdue, or no longer.
        """
        self._govern(answer)
        settlement, findings = self._settle(answer)
        before = answer.call.delivery
        after = no_longer_pending(settlement.delivery) if isinstance(settlement, Blocked) else None
        overdue = self._overdue(answer.call)
        if after is not None:
            settlement = Blocked(after)
            findings = [*findings, overdue] if after.overdue else findings
        return Judgement(settlement, findings, (overdue.fingerprint,) if is_answered(before, after) else ())

    def _overdue(self, call: Call) -> Finding:
        subject = str(call.subject or call.delivery.lane)
        return overdue_finding(self._policy.name, call.delivery, subject, call.ref.external_ref)

    def _settle(self, answer: Answer) -> tuple[Settlement, list[Finding]]:
        call = answer.call
        if answer.result is not None:
            terms = self._policy.retry, self._caps, self._clock.jitter(), self._policy.patience
            settlement = settle_result(call.delivery, call.ref, answer.result, *terms)
            if not isinstance(settlement, Done) or answer.snapshot is None:
                return settlement, []
            read = replace(settlement, lines=answer.snapshot.erp_lines)
            return read, self._differences(call, (answer.snapshot,), "read-back", answer.result.custom_fields)
        if answer.found is None:
            return self._look_up_failed(call, answer.failure), []
        self._failed_look_ups.pop(call.event.id, None)
        found = answer.found.standing()
        findings = self._differences(call, comparable(call.ref, found), "look-up")
        words = [f"{finding.kind} {finding.path}: {finding.magento} / {finding.erp}" for finding in findings]
        settlement = settle_look_up(call.delivery, call.ref, found, words, self._caps, self._policy.call_deadline)
        # Of a document that is not ours, the event's own row says enough.
        return settlement, findings if isinstance(settlement, Done) else []

    def _look_up_failed(self, call: Call, failure: str) -> Settlement:
        """Ask again, ever more rarely; what cannot be asked for that long is for a person."""
        failed = self._failed_look_ups[call.event.id] = self._failed_look_ups.get(call.event.id, 0) + 1
        if failed >= MOST_LOOK_UPS:
            del self._failed_look_ups[call.event.id]
            return Blocked(replace(for_a_person(call.delivery, call.ref, self._caps), fault=failure))
        return Blocked(replace(call.delivery, delay=min(LOOK_UP_PAUSE * failed, LONGEST_LOOK_UP_PAUSE), fault=failure))

    def _differences(
        self,
        call: Call,
        snapshots: Sequence[Snapshot | None],
        source: str,
        custom_fields: Mapping[str, str] = NOTHING,
    ) -> list[Finding]:
        facts = _facts_in(call.document)
        if not snapshots or facts is None:
            return []
        there = [snapshot for snapshot in snapshots if snapshot is not None]
        expected = replace(facts, custom_fields=custom_fields)
        return compare(self._policy.name, source, expected, there, self._policy.tolerance)

    def _govern(self, answer: Answer) -> None:
        opened = False
        if answer.is_defect:
            self._observer.note("adapter.failed", destination=self._policy.name, error=answer.failure)
        elif answer.error is not None:
            opened = self._governor.failed(answer.error)
        elif answer.result is not None and not answer.failure:
            if answer.call.action is Action.POLL and answer.result.outcome is Outcome.UNKNOWN:
                self._governor.succeeded(answer.duration)  # it answered: it does not know the handle
            else:
                opened = self._governor.heard(answer.result, answer.duration)
        elif answer.found is not None:
            self._governor.succeeded(answer.duration)
        if opened:
            fault = answer.result.codes() if answer.result else ""
            self._observer.note("breaker.opened", destination=self._policy.name, fault=fault)


def _facts_in(document: Document) -> OrderFacts | None:
    """What of a document can be compared line by line; None where nothing can."""
    match document:
        case OrderDocument(one):
            kind = EntityType.ORDER
        case RefundDocument(one):
            kind = EntityType.REFUND
        case _:
            return None
    return OrderFacts(one.entity_id, one.increment_id, one.currency, one.lines, one.totals, kind=kind)
