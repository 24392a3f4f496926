"""The contract of events, for tests to hold payloads against."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from ops.embedded.programs import PROJECT

EVENTS = PROJECT / "outbox_schema" / "events"
SCHEMAS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(EVENTS.glob("*.json"))}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)
EVENT_SCHEMAS = sorted(set(SCHEMAS) - {"definitions.v1.json"})


def check(payload: Mapping[str, Any], schema: str) -> None:
    """Raise ValidationError where the payload breaks the schema of this file, or fragment of a file."""
    Draft202012Validator({"$ref": schema}, registry=REGISTRY).validate(payload)


class Teller(Protocol):
    """A shop whose module has written events."""

    def payloads(self) -> list[dict[str, Any]]:
        """The decoded payload of each committed event, by id."""
        ...


def told(shop: Teller) -> list[dict[str, Any]]:
    """The payloads of all events of a shop, each held against the schema of its type."""
    payloads = shop.payloads()
    for payload in payloads:
        check(payload, f"{payload['type']}.v{payload['schema_version']}.json")
    return payloads


def put(payload: dict[str, Any], path: Sequence[str | int], value: object) -> None:
    """Put a value in the place of the one at the end of a path."""
    place: Any = payload
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
