"""What a reply of Odoo's means for the effect that was asked for."""

from typing import assert_never

from erp_adapters.mapping import MappingError
from erp_adapters.odoo.door import NothingSentError, Refused, Said
from erp_adapters.odoo.faults import FORBIDDEN, ODOO_FAULTS, RIGHTS, RIVALRY, UNLOADED
from erp_adapters.odoo.reading import OrderRecord
from erp_adapters.profiled.faults import HTTP_FAULTS, fault_for
from sidecar.domain.delivery import ErpId, ErpMessage, Evidence, Outcome, Result
from sidecar.domain.errors import ErpThrottled, Retryable
from sidecar.transport import NoAnswer

_LONGEST_WORDS = 500
_MOST_MESSAGES = 20


def refusal_of(reply: Said | Refused | NoAnswer, operation: str) -> Result | None:
    """The result of an effect that was not made, or of which nobody knows; None where Odoo said that it was made."""
    match reply:
        case Said():
            return None
        case NoAnswer():
            outcome = Outcome.UNKNOWN if reply.sent else Outcome.NOT_SENT
            evidence = Evidence(bytes_sent=reply.sent, duration=reply.duration)
            message = ErpMessage("error", "NO_ANSWER", reply.reason)
            return Result(outcome, messages=(message,), hint=reply.hint, evidence=evidence)
        case Refused():
            return _refused(reply, operation)
        case _:
            assert_never(reply)


def _refused(reply: Refused, operation: str) -> Result:
    waits = reply.wait is not None
    row = fault_for(ODOO_FAULTS, reply.status, reply.name, operation, retry_after=waits)
    row = row or fault_for(HTTP_FAULTS, reply.status, reply.name, operation, retry_after=waits)
    return Result(
        row.outcome if row is not None else Outcome.UNKNOWN,
        messages=(ErpMessage("error", reply.name or f"HTTP {reply.status}", reply.words),),
        retry_after=reply.wait,
        hint="" if row is None else row.hint,
        evidence=Evidence(reply.status, bytes_sent=True, duration=reply.duration),
    )


def loaded(reply: Said | Refused | NoAnswer, operation: str) -> list[int] | Result:
    """The keys that `load()` returned, or what its answer means: a 200 alone is no success.

    Odoo undoes all of a load that has one error, and says so by `ids: false`.
    """
    refusal = refusal_of(reply, operation)
    if refusal is not None or not isinstance(reply, Said):
        return refusal or Result(Outcome.UNKNOWN)
    evidence = Evidence(200, bytes_sent=True, duration=reply.duration)
    match reply.value:
        case {"ids": [_, *_] as ids} if all(isinstance(key, int) and key is not False for key in ids):
            return list(ids)
        case {"ids": False, "messages": [*messages]}:
            words = tuple(_said(messages))
            if any(RIVALRY.search(message.text) for message in words):
                return Result(Outcome.RETRY_LATER, messages=words, evidence=evidence)
            if any(FORBIDDEN.search(message.text) for message in words):
                return Result(Outcome.NOT_SENT, messages=words, hint=RIGHTS, evidence=evidence)
            return Result(Outcome.REJECTED_BUSINESS, messages=words, hint=UNLOADED, evidence=evidence)
        case _:
            words = (ErpMessage("error", "LOAD", "an answer that does not say what was loaded"),)
            return Result(Outcome.UNKNOWN, messages=words, evidence=evidence)


def _said(messages: list[object]) -> list[ErpMessage]:
    said = []
    for message in messages[:_MOST_MESSAGES]:
        match message:
            case {"type": "error", "message": str(words), **more}:
                path = more.get("field")
                said.append(ErpMessage("error", "LOAD", words.strip()[:_LONGEST_WORDS], str(path or "")))
            case _:
                pass
    return said or [ErpMessage("error", "LOAD", "refused without a reason")]


def held(outcome: Outcome, order: OrderRecord) -> Result:
    """The result that names an order of Odoo's."""
    evidence = Evidence(200, bytes_sent=True)
    return Result(outcome, ErpId(str(order.order_id)), order.number, order.state, evidence=evidence)


def unmapped(error: MappingError) -> Result:
    """The document cannot be written in Odoo's terms; nothing of it was sent."""
    return error.result()


def refused(code: str, sentence: str, hint: str, order: OrderRecord | None = None) -> Result:
    """A refusal that Odoo itself would not have made; `order` is the one that it is about."""
    result = Result(Outcome.REJECTED_BUSINESS, messages=(ErpMessage("error", code, sentence),), hint=hint)
    return result if order is None else Result(result.outcome, messages=result.messages, hint=hint, status=order.state)


def not_made(error: Retryable) -> Result:
    """A call that changes nothing has failed before the effect was asked for."""
    waits = isinstance(error, ErpThrottled) or error.retry_after is not None
    return Result(
        Outcome.RETRY_LATER if waits else Outcome.NOT_SENT,
        messages=(ErpMessage("error", "LOOK_UP", str(error)),),
        retry_after=error.retry_after,
        hint=error.hint,
        evidence=Evidence(bytes_sent=not isinstance(error, NothingSentError)),
    )


def in_doubt(error: Retryable) -> Result:
    """An effect was asked for, and what became of it cannot be read: UNKNOWN."""
    failure = not_made(error)
    return Result(Outcome.UNKNOWN, messages=failure.messages, evidence=failure.evidence)
