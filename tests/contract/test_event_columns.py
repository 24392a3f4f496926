"""The module and the contract name the same columns of every table, with the same types."""

import json
import subprocess
from typing import Any

import pytest

from ops.embedded.programs import PROJECT, find_program
from tests.support.event_schemas import SCHEMAS

ELSEWHERE = {
    "customer": ("CustomerSaved.v1.json", "customer"),
    "customer_address": ("CustomerSaved.v1.json", "address"),
    "customer_group": ("CustomerSaved.v1.json", "group"),
    "newsletter_subscriber": ("CustomerSaved.v1.json", "subscription"),
    "product": ("ProductUpdated.v1.json", "product"),
    "product_tier_price": ("ProductUpdated.v1.json", "tier_price"),
}
"""Tables whose schema does not stand under their own name in definitions.v1.json."""

BESIDE_THE_COLUMNS = frozenset(
    ("role", "product_options", "weee_tax_applied", "shipment_type", "back_to_stock", "additional_information")
)
"""What a payload tells with a row, decoded or worked out."""

TYPES = {
    "id": "integer",
    "whole_number": "integer",
    "decimal": "decimal",
    "amount": "decimal",
    "progress": "progress",
    "timestamp": "date",
    "word": "text",
    "text": "text",
}


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, str]]:
    """Table => column => type, as the module has them."""
    php = find_program("php")
    assert php, "tests that ask the payload core carry the marker needs_php"
    script = (
        f"require '{PROJECT}/magento_module_stub/autoload.php';"
        "$known = (new ReflectionClass(ErpSidecar\\Outbox\\Core\\Columns::class))->getConstant('KNOWN');"
        "foreach (array_keys($known) as $table) { $told[$table] = ErpSidecar\\Outbox\\Core\\Columns::of($table); }"
        "echo json_encode($told);"
    )
    run = subprocess.run([php, "-r", script], capture_output=True, text=True, check=True)
    columns: dict[str, dict[str, str]] = json.loads(run.stdout)
    return columns


@pytest.mark.needs_php
def test_a_column_is_told_by_the_module_if_and_only_if_its_schema_has_it(told: dict[str, dict[str, str]]) -> None:
    assert len(told) > 20
    for table, columns in told.items():
        promised = {name for name in _properties(table) if name not in BESIDE_THE_COLUMNS}

        assert set(columns) == promised, table


@pytest.mark.needs_php
def test_a_column_has_one_type_on_both_sides(told: dict[str, dict[str, str]]) -> None:
    compared = 0
    for table, columns in told.items():
        for name, schema in _properties(table).items():
            kind = TYPES.get(str(schema.get("$ref", "")).rpartition("/")[2])
            if kind is not None:
                assert columns[name] == kind, f"{table}.{name}"
                compared += 1

    assert compared > 500


def _properties(table: str) -> dict[str, dict[str, Any]]:
    file, name = ELSEWHERE.get(table, ("definitions.v1.json", table))
    properties: dict[str, dict[str, Any]] = SCHEMAS[file]["$defs"][name]["properties"]
    return properties
