"""The module's table of facts: each has a hook that is declared, a schema, and a test that shows it."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import pytest

from ops.embedded.programs import PROJECT
from tests.support.event_schemas import EVENT_SCHEMAS

MODULES = PROJECT / "magento_module_stub"
TABLE = MODULES / "ErpSidecar_Outbox" / "EVENTS.md"
HEADING = "| fact | hook | event | lane | shown by |"


@dataclass(frozen=True)
class Fact:
    """One row of the table."""

    what: str
    hook: str
    event: str
    lane: str
    shown_by: str


def facts() -> list[Fact]:
    found = []
    in_table = False
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        in_table = line == HEADING or (in_table and line.startswith("|"))
        if in_table and line.startswith("| ") and line != HEADING:
            found.append(Fact(*(cell.strip().strip("`") for cell in line.strip("|").split("|"))))
    return found


FACTS = facts()


def declared_hooks() -> set[str]:
    """Every event that a module observes, and every class that it has a plugin on."""
    hooks = set()
    for path in MODULES.glob("*/etc/**/events.xml"):
        hooks |= {str(event.get("name")) for event in ET.parse(path).getroot().iter("event")}  # noqa: S314 -- ours
    for path in MODULES.glob("*/etc/**/di.xml"):
        types = ET.parse(path).getroot().iter("type")  # noqa: S314 -- ours
        hooks |= {str(type_.get("name")) for type_ in types if type_.find("plugin") is not None}
    return hooks


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.what)
def test_a_fact_has_a_declared_hook_a_schema_and_a_test_that_shows_it(fact: Fact) -> None:
    assert fact.hook.partition("::")[0] in declared_hooks()
    assert f"{fact.event}.v1.json" in EVENT_SCHEMAS
    assert re.fullmatch(r"(\w+:<\w+>)|none", fact.lane)
    file, _, name = fact.shown_by.partition("::")
    code = (PROJECT / "tests" / "integration" / file).read_text(encoding="utf-8")
    assert f"def {name}(" in code


def test_every_promised_event_is_told_by_some_fact() -> None:
    promised = {schema.removesuffix(".v1.json") for schema in EVENT_SCHEMAS}

    assert {fact.event for fact in FACTS} == promised


def test_no_fact_is_listed_twice() -> None:
    assert len({fact.what for fact in FACTS}) == len(FACTS)
    assert len(FACTS) >= 57
