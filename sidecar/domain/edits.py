"""Edits: another payload in the place of an event's own, for one destination.

The event in the outbox never changes, and keeps its place in its lane. What may be edited is what an ERP would see;
what tells which event it is, and of which order, stays as it is.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sidecar.domain.deltas import check_delta
from sidecar.domain.errors import MalformedEvent, NotPossible
from sidecar.domain.events import Event
from sidecar.domain.order import parse_payload
from sidecar.domain.subjects import SUBJECTS, subject_in, told_in

IDENTITY: Final = ("event_id", "type", "schema_version")
_STEP: Final = re.compile(r"\.?([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a payload, before and after; an absent one is None."""

    path: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Edited:
    """A payload that may take an event's place, and how it differs from what would go out now."""

    payload: str
    changes: tuple[Change, ...]


def sha256_of(payload: str) -> str:
    """The hash by which the audit trail names a payload."""
    return hashlib.sha256(payload.encode()).hexdigest()


def edit(event: Event, now: str, wanted: str) -> Edited:
    """Compare what would go out now with what is wanted; raise NotPossible for what the relay could not send."""
    try:
        after = parse_payload(wanted)
        _check(event, after)
    except MalformedEvent as error:
        message = f"the edited payload cannot be sent: {error}"
        raise NotPossible(message, hint="correct the payload; erp-sidecar event show prints the present one") from error
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        message = f"the edited payload has a shape that cannot be read ({type(error).__name__})"
        raise NotPossible(message, hint="erp-sidecar event show prints the present one") from error
    before = _read(now)
    if isinstance(before, Mapping) and "payload_error" not in before:
        _keep_identity(before, after)
        _keep_subject(event, now, wanted)
    return Edited(json.dumps(after, separators=(",", ":")), tuple(_differences("", before, after)))


def with_values(payload: str, values: Sequence[tuple[str, str]]) -> str:
    """Put values in the place of fields that are there; each keeps the kind of value that its field has."""
    document = _read(payload)
    for path, value in values:
        _put(document, path, value)
    return json.dumps(document, separators=(",", ":"))


def _read(payload: str) -> Any:  # noqa: ANN401 -- JSON
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return payload


def _check(event: Event, payload: Mapping[str, Any]) -> None:
    check_delta(event, payload)
    if event.type in SUBJECTS:  # what no document is made of may be any JSON
        told_in(event, payload)


def _keep_identity(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    for name in IDENTITY:
        if before.get(name) != after.get(name):
            message = f"{name} tells which event this is, and cannot be edited"
            raise NotPossible(message, hint=f"leave {name} as it is")


def _keep_subject(event: Event, now: str, wanted: str) -> None:
    """A document has its name in the ERP after what it is about, and no edit gives it another's."""
    before, after = subject_in(event, now), subject_in(event, wanted)
    if before is not None and after != before:
        message = f"it is about {before}, and not about {after}"
        raise NotPossible(message, hint="leave the ids as they are; event skip sets it aside")


def _put(document: Any, path: str, value: str) -> None:  # noqa: ANN401 -- JSON
    steps = [int(index) if index else name for name, index in _STEP.findall(path)]
    if not steps or _STEP.sub("", path):
        message = f"{path!r} is not the path of a field"
        raise NotPossible(message, hint="write it as order.customer_email or items[0].sku")
    place = document
    for step in steps[:-1]:
        place = _at(place, step, path)
    present = _at(place, steps[-1], path)
    place[steps[-1]] = _like(present, value, path)


def _at(place: Any, step: str | int, path: str) -> Any:  # noqa: ANN401 -- JSON
    is_there = step in place if isinstance(place, dict) else isinstance(place, list) and isinstance(step, int)
    if is_there and (isinstance(place, dict) or int(step) < len(place)):
        return place[step]
    message = f"the payload has no field {path}"
    raise NotPossible(message, hint="erp-sidecar event show prints the payload; --payload takes a whole one")


def _like(present: object, value: str, path: str) -> object:
    if value == "null":
        return None
    match present:
        case dict() | list():
            message = f"{path} holds more than one value"
            raise NotPossible(message, hint="name a single field, or give a whole payload with --payload")
        case bool() if value in ("true", "false"):
            return value == "true"
        case bool() | int():
            if not re.fullmatch(r"-?\d{1,18}", value) or isinstance(present, bool):
                message = f"{path} is {'true or false' if isinstance(present, bool) else 'a whole number'}"
                raise NotPossible(message, hint=f"--set {path}=... with such a value")
            return int(value)
        case _:
            return value


def _differences(path: str, before: object, after: object) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            yield from _differences(f"{path}.{name}" if path else name, before.get(name), after.get(name))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            pair = (items[index] if index < len(items) else None for items in (before, after))
            yield from _differences(f"{path}[{index}]", *pair)
    elif before != after:
        yield Change(path or "the payload", before, after)
