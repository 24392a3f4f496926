"""Pauses: a lane that a person has stopped sends nothing, and takes no event as done.

A pause is a row of its own, not a state of an event: it holds a lane that has nothing unfinished, and events that
come later. The relay reads all pauses once a second, so a call may still begin within that second; the head that
would go next is blocked as PAUSED, with everything else about it left as it was. What is only asked goes on: the
outcome of a call that was made before is looked up, and a person's skip or confirmation is carried out.
"""

from dataclasses import replace
from typing import assert_never

from sidecar.domain.delivery import Delivery, DeliveryState
from sidecar.engine.lanes import LaneQueue
from sidecar.engine.plan import Action, Call, Finish, Hold, Plan


def unless_paused(queue: LaneQueue, plan: Plan, paused: str | None) -> Plan:
    """The plan, or, where it would send or finish something in a lane that is paused, a head that is held."""
    if paused is None or _goes_on(plan):
        return plan
    head = queue.items[0]
    before = head.delivery or Delivery(head.event.id, queue.lane, DeliveryState.READY)
    return Hold(head.event, held(before, paused))


def held(before: Delivery, paused: str) -> Delivery:
    """The head, stopped; what is known of its attempts stays as it is."""
    hint = f"erp-sidecar lane resume, with the lane {before.lane}"
    return replace(before, state=DeliveryState.PAUSED, delay=None, reason=paused, hint=hint)


def _goes_on(plan: Plan) -> bool:
    match plan:
        case Call(action=action):
            return action is not Action.SUBMIT
        case Finish(actor=actor):
            return actor == "operator"
        case Hold(delivery=delivery):
            return delivery.state is not DeliveryState.WAITING
        case _:
            assert_never(plan)
