"""Reading answers: what a call's reply means for the effect, and how a document of theirs looks in our words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import assert_never

from erp_adapters.legacy.profile import Effect, Poll, Profile
from erp_adapters.mapping import Expression
from erp_adapters.profiled.documents import elements, found, text
from erp_adapters.profiled.faults import HTTP_FAULTS, Fault, Missing, fault_for
from erp_adapters.profiled.readings import ErrorReading, StockLines
from sidecar.domain.delivery import (
    DocumentKind,
    ErpId,
    ErpMessage,
    Evidence,
    LineResult,
    MissingEntry,
    Outcome,
    Reference,
    Result,
)
from sidecar.transport import Answer, NoAnswer, retry_after

_LONGEST_WORDS = 500
_MOST_DETAILS = 20
_PLACE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[0-9]{1,6}\]|\.[A-Za-z_][A-Za-z0-9_]*){0,20}", re.ASCII)
_FINAL = frozenset({Outcome.REJECTED_BUSINESS, Outcome.REJECTED_INVALID, Outcome.ALREADY_EXISTS})
"""What a refusal of work that was accepted for later can mean: it is not done, and asking again changes nothing."""


def result_of(
    profile: Profile, operation: str, effect: Effect, reply: Answer | NoAnswer, ref: Reference, sent: object = None
) -> Result:
    """Classify the reply to an effect; `sent` is the body that went out, which an error may point into.

    A success must say so and carry a number, work that is accepted for later a handle; else the outcome is UNKNOWN.
    """
    match reply:
        case NoAnswer():
            outcome = Outcome.UNKNOWN if reply.sent else Outcome.NOT_SENT
            return Result(
                outcome,
                messages=(ErpMessage("error", "NO_ANSWER", reply.reason),),
                hint=reply.hint,
                evidence=Evidence(bytes_sent=reply.sent, duration=reply.duration),
            )
        case Answer():
            evidence = Evidence(reply.status, bytes_sent=True, duration=reply.duration)
            body = reply.json()
            wait = retry_after(reply.headers)
            well = HTTPStatus(200) <= reply.status < HTTPStatus(300)
            done = _success(effect, body, evidence, wait) if well else None
            if done is not None:
                return done
            row, result = _fault(profile, operation, effect, reply, body, ref, evidence)
            return replace(result, missing=missing_in(profile.errors, row.missing, body, sent))
        case _:
            assert_never(reply)


def _success(effect: Effect, body: object, evidence: Evidence, wait: timedelta | None) -> Result | None:
    answer = effect.answer
    handle = text(answer.handle, body)
    if handle and found(answer.pending, body) is True:
        return Result(Outcome.ACCEPTED_PENDING, handle=handle, retry_after=wait, evidence=evidence)
    if not isinstance(body, Mapping) or found(answer.success, body) is not True:
        return None
    erp_id, number = text(answer.id, body), text(answer.number, body)
    if not erp_id or not number:
        return None
    return Result(
        Outcome.CONFIRMED,
        erp_id=ErpId(erp_id),
        erp_number=number,
        status=text(answer.status, body),
        lines=tuple(_line_results(answer.lines, body)),
        evidence=evidence,
    )


def _line_results(lines: StockLines | None, body: object) -> Iterator[LineResult]:
    if lines is None:
        return
    for line in elements(lines.each, body):
        accepted = found(lines.accepted, line) is True
        words, moved = text(lines.message, line), found(lines.moved, line) is True
        yield LineResult(text(lines.sku, line), accepted, "" if accepted else words, moved=moved and not accepted)


def _fault(
    profile: Profile,
    operation: str,
    effect: Effect,
    reply: Answer,
    body: object,
    ref: Reference,
    evidence: Evidence,
) -> tuple[Fault, Result]:
    code, messages = words_of(profile.errors, reply, body)
    wait = retry_after(reply.headers)
    rows = profile.fault_table()
    conditions = {"retry_after": wait is not None, "on_document": "{id}" in effect.path}
    row = fault_for(rows, reply.status, code, operation, **conditions)
    if row is None and reply.status >= HTTPStatus.MULTIPLE_CHOICES:
        row = fault_for(HTTP_FAULTS, reply.status, code, operation, **conditions)
    row = row or Fault(Outcome.UNKNOWN)
    own = "" if ref.kind is DocumentKind.REFUND else ref.target or ""  # a refund's target is the order
    return row, _as_row_says(profile, row, body, messages, own, wait, evidence)


def polled(profile: Profile, poll: Poll, reply: Answer) -> Result:
    """Classify a readable answer about work that was accepted for later; one that says nothing is RETRY_LATER."""
    body, wait = reply.json(), retry_after(reply.headers)
    evidence = Evidence(reply.status, bytes_sent=True, duration=reply.duration)
    if found(poll.pending, body) is True:
        return Result(Outcome.ACCEPTED_PENDING, retry_after=wait, evidence=evidence)
    if found(poll.rejected, body) is True:
        code, messages = words_of(profile.errors, reply, body)
        rows = (row for row in profile.fault_table() if row.code == code and row.outcome in _FINAL)
        row = next(rows, Fault(Outcome.REJECTED_BUSINESS))
        result = _as_row_says(profile, row, body, messages, "", None, evidence)
        return replace(result, missing=missing_in(profile.errors, row.missing, body, None))
    erp_id, number = text(poll.id, body), text(poll.number, body)
    if found(poll.done, body) is True and erp_id and number:
        status = text(poll.status, body)
        return Result(Outcome.CONFIRMED, ErpId(erp_id), number, status, evidence=evidence)
    said = ErpMessage("error", "POLL", "an answer that says neither that it is pending, nor done, nor refused")
    return Result(Outcome.RETRY_LATER, messages=(said,), retry_after=wait, evidence=evidence)


def _as_row_says(
    profile: Profile,
    row: Fault,
    body: object,
    messages: tuple[ErpMessage, ...],
    target: str,
    wait: timedelta | None,
    evidence: Evidence,
) -> Result:
    number = text(profile.errors.number, body) or target
    outcome = row.outcome
    if outcome is Outcome.ALREADY_EXISTS and not number:
        outcome = Outcome.UNKNOWN  # the look-up tells which document it is
    return Result(
        outcome,
        erp_id=ErpId(number) if outcome is Outcome.ALREADY_EXISTS else None,
        erp_number=number if outcome is Outcome.ALREADY_EXISTS else None,
        messages=messages,
        retry_after=wait,
        hint=row.hint,
        evidence=evidence,
    )


def missing_in(errors: ErrorReading, missing: Missing | None, body: object, sent: object) -> tuple[MissingEntry, ...]:
    """The entries that an error says are not there; none where it cannot be told which."""
    if missing is None:
        return ()
    if missing.value is not None:
        codes = [text(missing.value, body)]
    else:
        places = [text(errors.detail_path, detail) for detail in elements(errors.details, body)[:_MOST_DETAILS]]
        codes = [_sent_at(place, sent) for place in places]
    return tuple(MissingEntry(missing.map, code) for code in dict.fromkeys(codes) if code)


def _sent_at(place: str, sent: object) -> str:
    """What was sent at a place such as lines[0].sku or /lines/0/sku; empty where that is no place, or no text."""
    if place.startswith("/"):
        parts = [f"[{part}]" if part.isdecimal() else f".{part}" for part in place[1:].split("/")]
        place = "".join(parts).lstrip(".")
    if _PLACE.fullmatch(place) is None:
        return ""
    return text(Expression.parse(place), sent)


def words_of(errors: ErrorReading, reply: Answer, body: object) -> tuple[str, tuple[ErpMessage, ...]]:
    """The ERP's error code and its words, each of bounded length."""
    code = text(errors.code, body)[:_LONGEST_WORDS]
    said = text(errors.message, body) or "an answer that does not say what happened"
    messages = [ErpMessage("error", code or f"HTTP {reply.status}", said[:_LONGEST_WORDS])]
    for detail in elements(errors.details, body)[:_MOST_DETAILS]:
        words = text(errors.detail_message, detail)[:_LONGEST_WORDS]
        path = text(errors.detail_path, detail)[:_LONGEST_WORDS]
        if words:
            messages.append(ErpMessage("error", code or "detail", words, path))
    return code, tuple(messages)
