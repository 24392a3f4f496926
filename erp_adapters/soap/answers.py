"""Reading replies: what one means for the effect. A success must say so and carry a number; else it is UNKNOWN."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from erp_adapters.mapping import Expression
from erp_adapters.profiled.documents import elements, found, text
from erp_adapters.profiled.faults import HTTP_FAULTS, fault_for
from erp_adapters.profiled.readings import StockLines
from erp_adapters.soap.door import Reply
from erp_adapters.soap.faults import SOAP_FAULTS, Fault, SoapFault, row_for
from erp_adapters.soap.profile import Effect, Messages, Poll, Profile
from sidecar.domain.delivery import ErpId, ErpMessage, Evidence, LineResult, MissingEntry, Outcome, Reference, Result
from sidecar.transport import NoAnswer

_LONGEST_WORDS: Final = 500
_MOST_MESSAGES: Final = 20
BY_REFERENCE: Final = "reference:"
"""A handle of our own: the ERP said nothing at all, and the document is looked for under our reference."""

_FINAL: Final = frozenset({Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID, Outcome.ALREADY_EXISTS})


def result_of(profile: Profile, operation: str, effect: Effect, reply: Reply | NoAnswer, ref: Reference) -> Result:
    """Classify the reply to an effect."""
    if isinstance(reply, NoAnswer):
        return Result(
            Outcome.UNKNOWN if reply.sent else Outcome.NOT_SENT,
            messages=(ErpMessage("error", "NO_ANSWER", reply.reason),),
            hint=reply.hint,
            evidence=Evidence(bytes_sent=reply.sent, duration=reply.duration),
        )
    evidence = Evidence(reply.status, bytes_sent=True, duration=reply.duration)
    if reply.fault is not None:
        result = _faulty(profile, operation, reply, reply.fault, ref.target or "")
    elif reply.empty and effect.received == "pending":
        result = Result(Outcome.ACCEPTED_PENDING, handle=f"{BY_REFERENCE}{ref.external_ref}")
    elif reply.problem:
        result = unreadable(profile, operation, reply)
    else:
        result = _said(profile, operation, effect, reply, ref.target or "")
    return replace(result, retry_after=reply.wait, evidence=evidence)


def polled(profile: Profile, poll: Poll, reply: Reply) -> Result:
    """Classify a readable answer about work that was accepted for later; one that says nothing is RETRY_LATER."""
    data, wait = reply.data, reply.wait
    evidence = Evidence(reply.status, bytes_sent=True, duration=reply.duration)
    if found(poll.pending, data) is True:
        return Result(Outcome.ACCEPTED_PENDING, retry_after=wait, evidence=evidence)
    if found(poll.rejected, data) is True:
        return replace(_refused_within(profile, "", reply, ""), evidence=evidence)
    erp_id, number = text(poll.id, data), text(poll.number, data)
    if found(poll.done, data) is True and erp_id and number:
        said = _messages(profile.messages, data)
        status = text(poll.status, data)
        return Result(Outcome.CONFIRMED, ErpId(erp_id), number, status, messages=said, evidence=evidence)
    silent = ErpMessage("error", "POLL", "an answer that says neither that it is pending, nor done, nor refused")
    return Result(Outcome.RETRY_LATER, messages=(silent,), retry_after=wait, evidence=evidence)


def refusal(profile: Profile, reply: Reply) -> Result:
    """What a reply means that is no answer to a question: a fault, or something that cannot be read."""
    if reply.fault is not None:
        return _faulty(profile, "", reply, reply.fault, "")
    return unreadable(profile, "", reply)


def is_absent(profile: Profile, reply: Reply) -> bool:
    """Whether a reply says, in the profile's own words, that what was asked for is not there; nothing else does."""
    if reply.fault is None:
        return False
    row = _row(profile, "", reply, reply.fault)
    return row is not None and row.absent


def unreadable(profile: Profile, operation: str, reply: Reply) -> Result:
    """What HTTP says of an answer that is no SOAP; a good status says nothing."""
    silent = SoapFault("", (), "", {})
    row = row_for(_rows_of_http(profile), silent, "", reply.status, operation)
    messages = (ErpMessage("error", f"HTTP {reply.status}", reply.problem or "an answer without content"),)
    if row is not None:
        return Result(row.outcome, messages=messages, hint=row.hint)
    told = fault_for(HTTP_FAULTS, reply.status, "", operation, retry_after=reply.wait is not None)
    outcome = Outcome.UNKNOWN if told is None else told.outcome
    return Result(outcome, messages=messages, hint="" if told is None else told.hint)


def _said(profile: Profile, operation: str, effect: Effect, reply: Reply, target: str) -> Result:
    answer, data = effect.answer, reply.data
    handle = text(answer.handle, data)
    if handle and found(answer.pending, data) is True:
        return Result(Outcome.ACCEPTED_PENDING, handle=handle)
    succeeded = found(answer.success, data) is True
    refused = bool(_errors(profile.messages, data))
    if refused and not succeeded:
        return _refused_within(profile, operation, reply, target)
    said = _messages(profile.messages, data)
    erp_id, number = text(answer.id, data), text(answer.number, data)
    if not succeeded or refused or not erp_id or not number:
        what = "a reply that says both" if refused else "a reply that does not say what happened"
        return Result(Outcome.UNKNOWN, messages=(*said, ErpMessage("error", "REPLY", what)))
    status, lines = text(answer.status, data), tuple(_line_results(answer.lines, data))
    return Result(Outcome.CONFIRMED, ErpId(erp_id), number, status, messages=said, lines=lines)


def _refused_within(profile: Profile, operation: str, reply: Reply, target: str) -> Result:
    """A refusal that came as an ordinary reply: its first error decides."""
    said = _messages(profile.messages, reply.data)
    errors = _errors(profile.messages, reply.data)
    first = errors[0] if errors else ErpMessage("error", "REPLY", "a refusal without a word")
    fault = SoapFault("", (), first.text, reply.data)
    rows = [row for row in profile.fault_table() if operation or row.outcome in _FINAL]
    row = row_for(rows, fault, first.code, reply.status, operation)
    return _as_row_says(profile, row or Fault(Outcome.REJECTED_BUSINESS), fault, said or (first,), target)


def _faulty(profile: Profile, operation: str, reply: Reply, fault: SoapFault, target: str) -> Result:
    scope, errors = fault.scope(), profile.errors
    code = text(errors.code, scope)[:_LONGEST_WORDS]
    words = text(errors.message, scope) or fault.text or "a fault that does not say what happened"
    named = code or next(iter(fault.subcodes), "") or fault.code or f"HTTP {reply.status}"
    said = [ErpMessage("error", named, words[:_LONGEST_WORDS])]
    for detail in elements(errors.details, scope)[:_MOST_MESSAGES]:
        more, path = text(errors.detail_message, detail), text(errors.detail_path, detail)
        if more:
            said.append(ErpMessage("error", named, more[:_LONGEST_WORDS], path[:_LONGEST_WORDS]))
    row = _row(profile, operation, reply, fault) or Fault(Outcome.UNKNOWN)
    return _as_row_says(profile, row, fault, tuple(said), target)


def _row(profile: Profile, operation: str, reply: Reply, fault: SoapFault) -> Fault | None:
    code = text(profile.errors.code, fault.scope())[:_LONGEST_WORDS]
    return row_for((*profile.fault_table(), *SOAP_FAULTS), fault, code, reply.status, operation)


def _as_row_says(
    profile: Profile, row: Fault, fault: SoapFault, messages: tuple[ErpMessage, ...], target: str
) -> Result:
    scope = fault.scope()
    number = text(profile.errors.number, scope) or target
    outcome = row.outcome
    if outcome is Outcome.ALREADY_EXISTS and not number:
        outcome = Outcome.UNKNOWN  # the look-up tells which document it is
    there = outcome is Outcome.ALREADY_EXISTS
    return Result(
        outcome,
        erp_id=ErpId(number) if there else None,
        erp_number=number if there else None,
        messages=messages,
        hint=row.hint,
        missing=() if row.missing is None else _missing(*row.missing, scope),
    )


def _missing(code_map: str, value: Expression, scope: object) -> tuple[MissingEntry, ...]:
    """The entries that a refusal says are not there."""
    told = found(value, scope)
    codes = [one for one in (told if isinstance(told, list) else [told]) if isinstance(one, str) and one]
    return tuple(MissingEntry(code_map, code) for code in dict.fromkeys(codes))


def _messages(where: Messages | None, data: object) -> tuple[ErpMessage, ...]:
    """The messages in a reply, errors first, each of bounded length."""
    if where is None:
        return ()
    said = [_message(where, one) for one in elements(where.each, data)]
    ranks = {"error": 0, "warning": 1, "info": 2}
    return tuple(sorted(said, key=lambda message: ranks[message.severity])[:_MOST_MESSAGES])


def _errors(where: Messages | None, data: object) -> list[ErpMessage]:
    return [message for message in _messages(where, data) if message.severity == "error"]


def _message(where: Messages, one: object) -> ErpMessage:
    severity = text(where.severity, one)
    told: Literal["error", "warning", "info"] = "info"
    if severity in where.errors:
        told = "error"
    elif severity in where.warnings:
        told = "warning"
    code, words, place = text(where.code, one), text(where.text, one), text(where.field, one)
    return ErpMessage(told, code[:_LONGEST_WORDS], words[:_LONGEST_WORDS], place[:_LONGEST_WORDS])


def _line_results(lines: StockLines | None, data: object) -> Iterator[LineResult]:
    if lines is None:
        return
    for line in elements(lines.each, data):
        accepted = found(lines.accepted, line) is True
        words, moved = text(lines.message, line), found(lines.moved, line) is True
        yield LineResult(text(lines.sku, line), accepted, "" if accepted else words, moved=moved and not accepted)


def _rows_of_http(profile: Profile) -> tuple[Fault, ...]:
    """The rows that speak of a status alone."""
    return tuple(row for row in profile.fault_table() if row.statuses and not (row.faults or row.subcodes or row.code))
