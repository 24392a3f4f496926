"""The contract of events, for tests to hold payloads against."""

import json
from collections.abc import Mapping
from typing import Any

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
