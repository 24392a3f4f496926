"""The judge: what an answer makes of a head, what it says about the ERP, and where both sides differ."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sidecar.domain.delivery import Capabilities, DocumentKind, Snapshot
from sidecar.domain.events import OutboxId
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.reconciliation import Finding, OrderFacts, compare
from sidecar.engine.dispatcher import Answer
from sidecar.engine.governor import Governor
from sidecar.engine.plan import Call
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


class Judge:
    """Judges the answers of one destination; tells its governor what each says about the ERP."""

    def __init__(
        self, policy: DestinationPolicy, caps: Capabilities, governor: Governor, clock: Clock, observer: Observer
    ) -> None:
        """Nothing has failed yet."""
        self._policy, self._caps, self._governor = policy, caps, governor
        self._clock, self._observer = clock, observer
        self._failed_look_ups: dict[OutboxId, int] = {}

    def judge(self, answer: Answer) -> tuple[Settlement, list[Finding]]:
        """The settlement of one answer, and the differences that it shows between what was sent and what is there."""
        self._govern(answer)
        call = answer.call
        if answer.result is not None:
            retry, jitter = self._policy.retry, self._clock.jitter()
            settlement = settle_result(call.delivery, call.ref, answer.result, retry, self._caps, jitter)
            is_read_back = isinstance(settlement, Done) and answer.snapshot is not None
            return settlement, self._differences(call, (answer.snapshot,), "read-back") if is_read_back else []
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

    def _differences(self, call: Call, snapshots: Sequence[Snapshot | None], source: str) -> list[Finding]:
        order = call.order
        if not snapshots or order is None or call.ref.kind is DocumentKind.ORDER_CANCEL:
            return []
        facts = OrderFacts(order.entity_id, order.increment_id, order.currency, order.lines, order.totals)
        there = [snapshot for snapshot in snapshots if snapshot is not None]
        return compare(self._policy.name, source, facts, there, self._policy.tolerance)

    def _govern(self, answer: Answer) -> None:
        opened = False
        if answer.is_defect:
            self._observer.note("adapter.failed", destination=self._policy.name, error=answer.failure)
        elif answer.error is not None:
            opened = self._governor.failed(answer.error)
        elif answer.result is not None and not answer.failure:
            opened = self._governor.heard(answer.result, answer.duration)
        elif answer.found is not None:
            self._governor.succeeded(answer.duration)
        if opened:
            fault = answer.result.codes() if answer.result else ""
            self._observer.note("breaker.opened", destination=self._policy.name, fault=fault)
