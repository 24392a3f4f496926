"""The table of events for readers: every type that the sidecar knows, each with its schema, all of one kind."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ops.embedded.programs import PROJECT
from sidecar.domain.events import MAPPED_TYPES, ORDER_TYPES, SCHEMA_VERSIONS, STOCK_TYPES, EventType
from tests.support.event_schemas import EVENT_SCHEMAS, SCHEMAS

ENVELOPE = ("event_id", "type", "schema_version", "occurred_at", "origin", "actor")
SHARED = ("event_id", "occurred_at", "origin", "actor")
MODULES = PROJECT / "magento_module_stub"
DEFINITIONS = "definitions.v1.json"
README = (PROJECT / "outbox_schema" / "README.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (.+) \| (.+) \| \[(.+)\]\((.+)\) \|$", re.MULTILINE)


def table() -> dict[str, tuple[str, str]]:
    """Lane and schema file of each type, as the README tells them."""
    rows = ROW.findall(README)
    assert len({kind for kind, *_ in rows}) == len(rows)
    assert all(link == f"events/{file}" for *_, file, link in rows)
    return {kind: (lane, file) for kind, _, lane, file, _ in rows}


def at(schema: str, ref: str) -> tuple[str, Any]:
    """What a reference inside a file points to, and the file that it lies in; fails where there is nothing."""
    file, _, pointer = ref.partition("#")
    place: Any = SCHEMAS[file or schema]
    for step in filter(None, pointer.split("/")):
        place = place[step]
    return file or schema, place


def references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "$ref" in node:
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def _leads_to_them(file: str, ref: str) -> bool:
    return (ref.partition("#")[0] or file) == DEFINITIONS


def whole(file: str) -> tuple[dict[str, Any], set[str], bool]:
    """An event's properties with the files of their references, what is required, and whether all else is refused."""
    schema = SCHEMAS[file]
    places = [(file, schema)]
    while "$ref" in places[-1][1]:
        places.append(at(places[-1][0], places[-1][1]["$ref"]))
    properties: dict[str, Any] = {}
    for home, place in reversed(places):
        for name, kind in place.get("properties", {}).items():
            properties[name] = (
                {**kind, "$ref": f"{home}{kind['$ref']}"} if kind.get("$ref", "").startswith("#") else kind
            )
    required = {name for _, place in places for name in place.get("required", ())}
    is_closed = any(place.get("additionalProperties") is False for _, place in places)
    return properties, required, is_closed


def test_every_event_type_has_a_schema_and_every_schema_an_event_type() -> None:
    promised = {f"{kind}.v{version}.json" for kind, versions in SCHEMA_VERSIONS.items() for version in versions}

    assert promised == set(EVENT_SCHEMAS)


def test_the_table_for_readers_lists_every_type_with_its_lane_and_its_schema() -> None:
    listed = table()

    assert {kind: file for kind, (_, file) in listed.items()} == {str(kind): f"{kind}.v1.json" for kind in EventType}
    lanes = {kind: lane for kind, (lane, _) in listed.items()}
    assert {lanes[kind] for kind in ORDER_TYPES} == {"`order:` and the order's entity_id"}
    assert {lanes[kind] for kind in STOCK_TYPES} == {"none: in any order"}
    assert f"`{'`, `'.join(sorted(MAPPED_TYPES))}`" in README


@pytest.mark.parametrize("kind", EventType)
def test_every_type_is_written_by_a_payload_class_of_the_modules(kind: EventType) -> None:
    core = [path for path in MODULES.glob("*/Core/*.php") if f"= '{kind}';" in path.read_text(encoding="utf-8")]

    assert len(core) == 1


@pytest.mark.parametrize("file", EVENT_SCHEMAS)
def test_every_schema_begins_with_the_one_envelope(file: str) -> None:
    properties, required, is_closed = whole(file)

    assert {name: properties[name].get("$ref") for name in SHARED} == {
        name: f"{DEFINITIONS}#/$defs/{name}" for name in SHARED
    }
    assert properties["type"] == {"const": file.partition(".")[0]}
    assert properties["schema_version"] == {"const": 1}
    assert required >= set(ENVELOPE)
    assert is_closed, "a field that nobody has promised must be refused"


@pytest.mark.parametrize("file", SCHEMAS)
def test_every_reference_leads_somewhere(file: str) -> None:
    for ref in references(SCHEMAS[file]):
        assert at(file, ref)[1], ref


def test_every_definition_is_used() -> None:
    own = set(SCHEMAS[DEFINITIONS]["$defs"])
    used = {
        ref.rpartition("/")[2]
        for file, schema in SCHEMAS.items()
        for ref in references(schema)
        if _leads_to_them(file, ref)
    }

    assert own - used == {"unbuildable_event"}


def test_every_schema_says_what_it_is() -> None:
    for file in EVENT_SCHEMAS:
        schema = SCHEMAS[file]
        kind, version = file.split(".")[:2]
        assert schema["title"] == f"{kind}, version {version.removeprefix('v')}"
        assert schema["description"].endswith(".")
