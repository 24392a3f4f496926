"""Restoration: what a declaration will change is worked out first, shown, and only then done.

After a restore the ERP knows things that the shop has forgotten. Orders can be looked up one by one, under the
references that they always had. Stock changes cannot: the lost time folded them into windows that nobody knows any
more. So they are passed by, and a person compares the stock.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from sidecar.domain.delivery import Receipt, ReceiptOutcome
from sidecar.domain.deltas import delta_in
from sidecar.domain.errors import MalformedEvent, NotDeclarable
from sidecar.domain.events import Event, OutboxId
from sidecar.domain.identity import FIRST_EPOCH, Instance, Memory, Observation, Standing, StreamMark, judge
from sidecar.domain.money import text_of
from sidecar.domain.naming import Epoch, EpochKind, Names
from sidecar.domain.policy import DestinationPolicy
from sidecar.domain.reconciliation import Finding, FindingKind
from sidecar.domain.restore import Claim, Declaration
from sidecar.domain.stock import Fold, FrozenFold, WindowKind
from sidecar.ports import HostMemory, InstanceStore, OutboxStore, ReceiptStore, RestoreStore, StockStore

ROOM: Final = 100_000
"""Events of the lost time that this host may not have seen: revisions go on above them."""
PAGE: Final = 2_000
_FITTING: Final = {
    Claim.RESTORED: frozenset({Standing.REWOUND, Standing.MOVED, Standing.COPY}),
    Claim.PROMOTED: frozenset({Standing.MOVED, Standing.COPY}),
    Claim.COPIED: frozenset({Standing.COPY, Standing.OTHER_SHOP}),
}
_UNREADABLE: Final = (MalformedEvent, TypeError, ValueError, LookupError, AttributeError, RecursionError)


class Restoration:
    """Plans and makes declarations about one database; `name` is the blueprint's instance."""

    def __init__(
        self,
        name: str,
        policies: Sequence[DestinationPolicy],
        memory: HostMemory,
        instances: InstanceStore,
        restores: RestoreStore,
        outbox: OutboxStore,
        receipts: ReceiptStore,
        stock: StockStore,
    ) -> None:
        """Nothing is read yet."""
        self._name, self._policies, self._file = name, policies, memory
        self._instances, self._restores = instances, restores
        self._outbox, self._receipts, self._stock = outbox, receipts, stock

    def plan(self, claim: Claim, restored_at: datetime | None) -> Declaration:
        """Work out what the declaration would do; raises NotDeclarable where it does not fit what is there."""
        memory = self._file.read()
        seen = self._instances.observe(memory.newest.id if memory else 0)
        standing = judge(memory, seen, self._name)
        told = f"{standing.standing}" + (f": {standing.why}" if standing.why else "")
        fits = standing.standing in _FITTING[claim]
        if not fits and not (claim is Claim.RESTORED and restored_at is not None):
            message = f"{claim} does not fit what this host sees ({told})"
            raise NotDeclarable(message, hint=_otherwise(standing.standing))
        if owners := self._restores.live_leases():
            message = f"the sidecar is running ({', '.join(sorted(set(owners)))})"
            raise NotDeclarable(message, hint="systemctl stop erp-sidecar on every host, wait for lease.ttl, try again")
        match claim:
            case Claim.PROMOTED:
                return self._promoted(seen)
            case Claim.COPIED:
                return self._copied(memory, seen)
            case Claim.RESTORED:
                until = restored_at or (memory.seen_at if memory and standing.standing is Standing.REWOUND else None)
                return self._restored(memory, seen, until)

    def declare(self, declaration: Declaration, actor: str, reason: str) -> None:
        """Do it, in one transaction, and record who said so."""
        instance, epoch, streams = declaration.instance, declaration.epoch, declaration.streams
        if epoch is None:
            self._restores.settle_in(instance.place, actor, reason)
        elif declaration.claim is Claim.COPIED:
            self._restores.begin_copied(epoch, instance, streams, actor, reason)
        else:
            self._instances.make(instance)  # where the backup is older than the row
            kept_out, findings = declaration.kept_out, declaration.findings
            self._restores.begin_restored(epoch, instance.place, streams, kept_out, findings, actor, reason)

    def _promoted(self, seen: Observation) -> Declaration:
        instance = self._instance(seen)
        steps = (f"the shop's database belongs in {seen.place} from now on; nothing else changes",)
        moved = Instance(instance.id, instance.name, instance.epoch, seen.place)
        return Declaration(Claim.PROMOTED, moved, None, None, seen.streams, steps=steps)

    def _copied(self, memory: Memory | None, seen: Observation) -> Declaration:
        instance = self._instance(seen)
        if instance.name == self._name:
            message = f"the blueprint's instance is {self._name}, like that of the shop that this is a copy of"
            raise NotDeclarable(message, hint="give the copy an instance of its own in blueprint.yaml, and its own ERP")
        after_id, after_entity = self._restores.ends_of_the_past(None)
        epoch = self._next(EpochKind.COPIED, memory, instance.epoch, after_id, after_entity)
        identity = memory.instance_id if memory is not None else str(uuid4())
        steps = (
            f"this copy of {instance.name} becomes a shop of its own, named {self._name}, in {seen.place}",
            f"nothing up to event {after_id} is ever sent, and nothing about orders up to {after_entity}",
            f"new orders are named as {self._named(epoch, after_entity + 1)}",
        )
        own = Instance(identity, self._name, epoch.number, seen.place)
        return Declaration(Claim.COPIED, own, epoch, None, self._marks(memory, seen), steps=steps)

    def _restored(self, memory: Memory | None, seen: Observation, until: datetime | None) -> Declaration:
        if until is None:
            message = "nobody knows when the database came back, and so which orders are older than that"
            raise NotDeclarable(message, hint="say it, in UTC: --restored-at '2026-11-26 03:10'")
        instance = seen.instance or Instance(
            memory.instance_id if memory else str(uuid4()), self._name, FIRST_EPOCH, seen.place
        )
        if instance.name != self._name:
            message = f"its documents are named {instance.name}, and the blueprint says {self._name}"
            raise NotDeclarable(message, hint="set instance in the blueprint back")
        after_id, after_entity = self._restores.ends_of_the_past(until)
        epoch = self._next(EpochKind.RESTORED, memory, instance.epoch, after_id, after_entity)
        kept_out, findings = self._stock_in_doubt(epoch)
        old = f"events up to {after_id}, orders up to {after_entity}"
        steps = [
            f"epoch {epoch.number} begins; {old} are older than {until:%Y-%m-%d %H:%M:%S}",
            *self._doubts(after_id),
            *(f"{finding.subject} at {finding.destination}: {finding.magento}" for finding in findings),
            f"new orders are named as {self._named(epoch, after_entity + 1)}",
        ]
        placed = Instance(instance.id, instance.name, epoch.number, seen.place)
        marks = self._marks(memory, seen)
        return Declaration(Claim.RESTORED, placed, epoch, until, marks, tuple(kept_out), tuple(findings), tuple(steps))

    def _doubts(self, after_id: int) -> list[str]:
        said = []
        for part in self._restores.unfinished([policy.name for policy in self._policies], after_id):
            if part.events:
                said.append(f"{part.events} events for {part.destination} are looked up there before anything is sent")
            if part.windows:
                said.append(f"{part.windows} unfinished stock windows of {part.destination} are looked up there")
        return said

    def _stock_in_doubt(self, epoch: Epoch) -> tuple[list[Receipt], list[Finding]]:
        """Old stock changes that no window holds: receipted as skipped, and a finding for each warehouse."""
        receipts, findings = [], []
        for policy in self._policies:
            if policy.stock is None:
                continue
            events = self._old_stock_events(policy, epoch.after_id)
            payloads = self._outbox.read_payloads([event.id for event in events]) if events else {}
            detail = f"kept out of stock windows by the declaration of epoch {epoch.number}"
            receipts += [
                Receipt(policy.name, event.id, ReceiptOutcome.SKIPPED, actor="operator", detail=detail)
                for event in events
            ]
            old = Fold()
            unread: list[OutboxId] = []
            for event in events:
                try:
                    delta = delta_in(event, payloads[event.id], policy.stock)
                except _UNREADABLE:
                    unread.append(event.id)
                    continue
                if delta is not None:
                    old.add(delta)
            for one in old.windows():
                sums = ", ".join(f"{line.sku} {text_of(line.quantity)}" for line in one.lines)
                findings.append(_to_compare(policy, epoch, _subject_of(one), f"not sent again: {sums}"))
            if unread:
                ids = ", ".join(map(str, unread))
                findings.append(_to_compare(policy, epoch, "warehouse:unknown", f"not sent, unreadable events: {ids}"))
        return receipts, findings

    def _old_stock_events(self, policy: DestinationPolicy, after_id: int) -> list[Event]:
        cursor = self._stock.load_stock_cursor(policy.name)
        found = [*self._outbox.read_gaps(cursor.gaps, PAGE)] if cursor.gaps else []
        newest = cursor.accounted_to
        while newest < after_id and (page := self._outbox.read_tail(newest, PAGE)):
            newest = page[-1].id
            found += [event for event in page if event.id <= after_id]
        stock = [event for event in found if policy.folds(event)]
        known = self._receipts.receipted_among(policy.name, [event.id for event in stock])
        return [event for event in stock if event.id not in known]

    def _next(self, kind: EpochKind, memory: Memory | None, current: int, after_id: int, after_entity: int) -> Epoch:
        earlier = max((epoch.revision_shift for epoch in self._instances.epochs()), default=0)
        lost = max(0, memory.newest.id - after_id) if memory else 0
        number = max(current, memory.epoch if memory else FIRST_EPOCH) + 1
        return Epoch(number, kind, after_id, after_entity, earlier + lost + ROOM)

    def _named(self, epoch: Epoch, entity_id: int) -> str:
        return Names(self._name, (epoch,)).order(entity_id)

    def _marks(self, memory: Memory | None, seen: Observation) -> dict[str, StreamMark]:
        """Every stream that there is or will be, with the newest token that either witness knows."""
        known, none = (memory.streams if memory is not None else {}), StreamMark(0, 0)
        served = {f"{policy.name}/documents" for policy in self._policies}
        served |= {f"{policy.name}/stock" for policy in self._policies if policy.stock is not None}
        return {
            name: StreamMark(max(seen.streams.get(name, none).token, known.get(name, none).token), 0)
            for name in sorted({*seen.streams, *served})
        }

    def _instance(self, seen: Observation) -> Instance:
        if seen.instance is None:
            raise NotDeclarable("no sidecar has served this database yet", hint="systemctl start erp-sidecar")
        return seen.instance


def _subject_of(one: FrozenFold) -> str:
    return f"warehouse:{one.warehouse}" if one.kind is WindowKind.MOVEMENT else f"demand:{one.warehouse}"


def _to_compare(policy: DestinationPolicy, epoch: Epoch, subject: str, magento: str) -> Finding:
    erp = "unknown: the lost time may have booked it"
    return Finding(policy.name, FindingKind.STOCK_IN_DOUBT, subject, f"epoch {epoch.number}", magento, erp, "restore")


def _otherwise(standing: Standing) -> str:
    match standing:
        case Standing.SAME | Standing.FIRST_HERE:
            return "if it was restored nevertheless, say when, in UTC: --restored-at '2026-11-26 03:10'"
        case Standing.REWOUND:
            return 'something is missing, so: erp-sidecar restore declare --reason "..."'
        case Standing.MOVED:
            return "a copy needs a state_dir of its own; otherwise --promoted, or neither after a restore"
        case _:
            return "erp-sidecar doctor"
