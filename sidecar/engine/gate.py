"""The release gate: which orders may go now, which wait and for what, and which a person has to look at first.

The blueprint's release rules judge an order by its own row. An order that they let go is then looked at beside others:
one that is the same purchase as another of its quote is quarantined, and one that replaces an edited order waits for
that order's cancellation. Both wait as any other order does, so they go by themselves as soon as their reason is gone,
and a person can let them go. A lane depends on another one nowhere else, and never without saying so.

Nothing here delays an order that has no sibling and no predecessor: whether it has one comes with its own row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from sidecar.domain.delivery import Delivery
from sidecar.domain.duplicates import Purchase, twins_of
from sidecar.domain.events import Lane
from sidecar.domain.lifecycle import Meaning
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.reconciliation import Finding, FindingKind, KnownDocument
from sidecar.domain.release import QUARANTINED, REPLACING, ReleaseFacts, Verdict, judge, would_go
from sidecar.domain.replacements import CANCELED, AtTheErp, Predecessor, waits_for
from sidecar.engine.lanes import LaneQueue
from sidecar.engine.plan import is_open
from sidecar.ports import MagentoStore, ReceiptStore, RelatedOrders

LONGEST_CHAIN: Final = 20
"""How many times over an order may have been edited; each edit makes a new one."""

SHORTEST_WAIT: Final = timedelta(milliseconds=500)
LONGEST_WAIT: Final = timedelta(seconds=30)
LONGEST_FOR_ANOTHER: Final = timedelta(seconds=3)
"""An event of an order's own lane makes the gate look at once; what happens to another order does not."""

SOURCE: Final = "release"
_NOT_SENT: Final = "not sent"
_OVER: Final = frozenset({CANCELED, "closed"})
"""States in which an order demands nothing any more: a second one of the same purchase is the only one."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the gate says of one order; `resolved` are fingerprints of findings that no longer hold."""

    facts: ReleaseFacts
    verdict: Verdict
    why: str
    hint: str = ""
    findings: tuple[Finding, ...] = ()
    resolved: tuple[str, ...] = ()
    patience: timedelta = LONGEST_WAIT

    @property
    def pause(self) -> timedelta:
        """How long until the gate looks again: the older the order, the longer."""
        return min(max(self.facts.age / 4, SHORTEST_WAIT), self.patience)


Judged = Mapping[int, Judgement]


class ReleaseGate:
    """Judges orders of one destination that the ERP does not have yet, several at once."""

    def __init__(
        self,
        policy: DestinationPolicy,
        magento: MagentoStore,
        receipts: ReceiptStore,
        related: RelatedOrders,
        lane: Callable[[Lane], LaneQueue | None],
    ) -> None:
        """`lane` gives what is unfinished of a lane, as the relay has it in memory."""
        self._policy, self._name, self._quarantine = policy, policy.name, policy.quarantine
        self._magento, self._receipts, self._related, self._lane = magento, receipts, related, lane

    def judge(self, heads: Mapping[int, Delivery]) -> Judged:
        """One judgement for each order that Magento still has, by its id."""
        facts = self._magento.release_facts(list(heads)) if heads else {}
        judged = {one: Judgement(fact, *judge(self._policy.release, fact)) for one, fact in facts.items()}
        related = [fact for fact in facts.values() if fact.has_siblings or fact.predecessor]
        if not related:
            return judged
        released = [fact for fact in related if judged[fact.entity_id].verdict is Verdict.RELEASED]
        held = {**self._replacing(released, judged), **self._doubled(released, judged)} if released else {}
        let_go = self._related.let_go(self._name, [heads[one].id for one in held]) if held else frozenset()
        judged |= {one: why for one, why in held.items() if heads[one].id not in let_go}
        return judged | self._resolved(related, judged)

    # -- one purchase, ordered twice ---------------------------------------------------------------------------

    def _doubled(self, released: Sequence[ReleaseFacts], judged: Judged) -> dict[int, Judgement]:
        """Those of the orders that are the same purchase as another one which is to be sent, or was."""
        twins = self._twins([fact.entity_id for fact in released if fact.has_siblings])
        others = sorted({twin.entity_id for _, found in twins.values() for twin in found})
        if not others:
            return {}
        facts, known = self._magento.release_facts(others), self._receipts.known_documents(self._name, others)
        held = {}
        for fact in released:
            purchase, found = twins.get(fact.entity_id, (None, []))
            said = {
                twin: words
                for twin in found
                if fact.predecessor != twin.entity_id
                and (words := self._demand_of(fact, facts.get(twin.entity_id), known.get(twin.entity_id), judged))
            }
            if purchase is not None and said:
                held[fact.entity_id] = self._quarantined(fact, purchase, said)
        return held

    def _twins(self, entity_ids: Sequence[int]) -> dict[int, tuple[Purchase, list[Purchase]]]:
        window = self._quarantine.window
        siblings = self._related.siblings(entity_ids, window) if entity_ids and window else {}
        if not siblings:
            return {}
        wanted = sorted({*siblings, *(other for others in siblings.values() for other in others)})
        bought = self._related.purchases(wanted)
        return {
            one: (bought[one], twins_of(bought[one], [bought[other] for other in others if other in bought], window))
            for one, others in siblings.items()
            if one in bought
        }

    def _demand_of(
        self, of: ReleaseFacts, twin: ReleaseFacts | None, known: KnownDocument | None, judged: Judged
    ) -> str:
        """Where a twin stands, in words; empty for one that demands nothing, or nothing yet: it waits for its money."""
        if twin is None or twin.state in _OVER or twin.predecessor == of.entity_id:
            return ""
        if known is not None:
            return known.erp_number
        if twin.entity_id not in judged and self._stands(twin.entity_id) is AtTheErp.PERHAPS:
            return "on its way"
        return _NOT_SENT if would_go(self._policy.release, twin) else ""

    def _quarantined(self, fact: ReleaseFacts, purchase: Purchase, said: Mapping[Purchase, str]) -> Judgement:
        numbers = ", ".join(f"{twin.increment_id} ({words})" for twin, words in said.items())
        hint = (
            f"keep one: erp-sidecar order release {purchase.increment_id} lets this one go; "
            "cancel the other in Magento, and what is left goes by itself"
        )
        findings = []
        for twin, words in said.items():
            first, second = sorted([(purchase, _NOT_SENT), (twin, words)], key=lambda side: side[0].entity_id)
            findings.append(
                Finding(
                    self._name,
                    FindingKind.DUPLICATE_ORDER,
                    f"order:{first[0].entity_id}",
                    f"order:{second[0].entity_id}",
                    f"{first[0]}; {second[0]}; quote {purchase.quote_id}",
                    f"{first[0].increment_id}: {first[1]}; {second[0].increment_id}: {second[1]}",
                    SOURCE,
                )
            )
        why = f"{QUARANTINED} as the same purchase as {numbers}"
        return _held(fact, why, hint, findings)

    # -- one order in the place of another ---------------------------------------------------------------------

    def _replacing(self, released: Sequence[ReleaseFacts], judged: Judged) -> dict[int, Judgement]:
        """Those of the orders that have to wait for the one which they replace."""
        if not self._quarantine.deadline:
            return {}
        chain = self._chain({fact.predecessor for fact in released if fact.predecessor})
        known = self._receipts.known_documents(self._name, list(chain)) if chain else {}
        cancelled = self._related.cancelled_there(self._name, list(known)) if known else frozenset()

        def stands(entity_id: int) -> AtTheErp:
            if entity_id in known:
                says_so = self._policy.lifecycle.meaning_of(known[entity_id].erp_status) is Meaning.CANCELLED
                return AtTheErp.CANCELLED if says_so or entity_id in cancelled else AtTheErp.THERE
            if entity_id in judged:  # it is planned beside its successor, by the same facts
                is_sent = judged[entity_id].verdict is Verdict.RELEASED
                return AtTheErp.PERHAPS if is_sent else AtTheErp.NOT_YET
            return self._stands(entity_id)

        held = {}
        for fact in released:
            for predecessor in _upwards(chain, fact):
                there = stands(predecessor.entity_id)
                if why := waits_for(predecessor, there):
                    held[fact.entity_id] = self._waiting(fact, predecessor, why, known.get(predecessor.entity_id))
                    break
                if there not in (AtTheErp.NOTHING, AtTheErp.NOT_YET):
                    break  # the ERP has had it: whatever came before was seen to then
        return held

    def _chain(self, wanted: Iterable[int]) -> dict[int, Predecessor]:
        """These orders, and those that they replace in their turn."""
        chain: dict[int, Predecessor] = {}
        missing = set(wanted)
        for _ in range(LONGEST_CHAIN):
            if not missing:
                break
            found = self._related.predecessors(sorted(missing))
            chain |= found
            missing = {one.predecessor for one in found.values() if one.predecessor} - chain.keys()
        return chain

    def _waiting(
        self, fact: ReleaseFacts, predecessor: Predecessor, why: str, known: KnownDocument | None
    ) -> Judgement:
        number = predecessor.increment_id
        named = number if known is None else f"{number} ({known.erp_number})"
        deadline = self._quarantine.deadline
        is_overdue = fact.age > deadline
        words = f"{REPLACING} {named}, and {why}" + (f", past the deadline of {deadline}" if is_overdue else "")
        hint = (
            f"cancel {number} in Magento; if it is cancelled there, see where its cancellation stands: erp-sidecar "
            "event list. If both orders are meant, as after a reorder: erp-sidecar order release"
        )
        finding = Finding(
            self._name,
            FindingKind.PREDECESSOR_OPEN,
            f"order:{fact.entity_id}",
            f"order:{fact.predecessor}",
            f"{number} is {predecessor.state}, and another order replaces it",
            f"{named}: {why}",
            SOURCE,
        )
        return _held(fact, words, hint, [finding] if is_overdue else [])

    # -- both ----------------------------------------------------------------------------------------------------

    def _stands(self, entity_id: int) -> AtTheErp:
        """Where an order stands that the ERP has not confirmed."""
        queue = self._lane(Lane(f"order:{entity_id}"))
        if queue is None:
            return AtTheErp.NOTHING
        head = queue.blocked
        is_without_effect = head is not None and head.revision == 0 and not is_open(head)
        return AtTheErp.NOT_YET if is_without_effect else AtTheErp.PERHAPS

    def _resolved(self, related: Sequence[ReleaseFacts], judged: Judged) -> dict[int, Judgement]:
        """Orders that go, or need not go any more: what was found about them and others is settled."""
        done = [f for f in related if judged[f.entity_id].verdict in (Verdict.RELEASED, Verdict.CANCELLED)]
        siblings: Mapping[int, Sequence[int]] = {}
        doubled = [fact.entity_id for fact in done if fact.has_siblings]
        if doubled and self._quarantine.window:
            siblings = self._related.siblings(doubled, self._quarantine.window)
        settled = {}
        for fact in done:
            one = fact.entity_id
            prints = [
                self._named(FindingKind.DUPLICATE_ORDER, *sorted((one, other))) for other in siblings.get(one, ())
            ]
            if fact.predecessor:
                prints.append(self._named(FindingKind.PREDECESSOR_OPEN, one, fact.predecessor))
            settled[one] = replace(judged[one], resolved=tuple(prints))
        return settled

    def _named(self, kind: FindingKind, subject: int, path: int) -> str:
        """The stable name of what is found about two orders."""
        return Finding(self._name, kind, f"order:{subject}", f"order:{path}", "", "", SOURCE).fingerprint


def _held(fact: ReleaseFacts, why: str, hint: str, findings: Sequence[Finding]) -> Judgement:
    return Judgement(fact, Verdict.WAITING, why, hint, tuple(findings), patience=LONGEST_FOR_ANOTHER)


def _upwards(chain: Mapping[int, Predecessor], fact: ReleaseFacts) -> Iterable[Predecessor]:
    """The orders that were replaced one after the other, the latest first; each once, and the order itself never."""
    seen, next_up = {fact.entity_id}, fact.predecessor
    while (one := chain.get(next_up)) is not None and next_up not in seen:
        seen.add(next_up)
        yield one
        next_up = one.predecessor
