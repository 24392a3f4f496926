"""Remapping: what a change of the mapping means for a head of which nobody knows whether the ERP has it.

Such a head is looked up under its reference and compared with Magento's order, which no mapping changes. Where the ERP
is proved not to have it, it goes in today's words. But an ERP that remembers keys, and gives the first answer again for
the same key, must not be sent other words under it: it would say that it has done what it was never told, or refuse
the key for good. So an attempt notes the mapping that it was made with, and one under another waits for a person, who
looks in the ERP and confirms what is there, or sends it in today's words.
"""

from dataclasses import replace
from typing import Final

from sidecar.domain.delivery import Capabilities
from sidecar.engine.lanes import LaneQueue
from sidecar.engine.plan import Action, Call, Hold, Plan
from sidecar.engine.settlement import for_a_person

REMAPPED: Final = (
    "the mapping has changed since it was sent, and the ERP may remember its key with what it was told then"
)


def unless_remapped(queue: LaneQueue, plan: Plan, mapping: str, caps: Capabilities) -> Plan:
    """The plan, its attempt noted with today's mapping; or a head that waits, where it would say something else."""
    if not isinstance(plan, Call) or plan.action is not Action.SUBMIT or not mapping:
        return plan
    before = queue.items[0].delivery
    if before is not None and before.resubmitted and before.mapping not in ("", mapping):
        return Hold(plan.event, replace(for_a_person(before, plan.ref, caps), reason=REMAPPED))
    return replace(plan, delivery=replace(plan.delivery, mapping=mapping))


def noted_mapping(mapping: str, caps: Capabilities) -> str:
    """What attempts are noted with: nothing where the ERP remembers no keys, or is told of events as they are."""
    return mapping if caps.native_dedupe == "idempotency_key" and not caps.takes_events else ""
