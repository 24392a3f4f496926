"""The module's XML, JSON and PHP say the same, and keep the rules that Magento's reviewers hold modules to."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ops.embedded.programs import PROJECT
from tests.support.declared_schema import DB_SCHEMA, declared_columns, declared_table
from tests.support.payload_core import outbox_rows
from tests.support.servers import Database

MODULE = PROJECT / "magento_module_stub" / "ErpSidecar_Outbox"
STANDIN = MODULE.parent / "framework_standin"
CODE = [path for path in sorted(MODULE.rglob("*.php")) if "Test" not in path.parts]
GRID_COLUMN = "ext_order_id"


def xml(name: str) -> ET.Element:
    return ET.parse(MODULE / name).getroot()  # noqa: S314 -- our own file


def code_of(path: Path) -> str:
    """The file without its comments."""
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.needs_php
def test_the_declared_outbox_has_the_columns_that_the_core_writes_and_an_id() -> None:
    cause = {"type": "manual", "id": "1"}
    (row,) = outbox_rows([{"sku": "A", "sourceCode": "w", "quantity": "1", "reason": "manual", "cause": cause}])

    assert declared_columns("erp_outbox") == ["id", *row]


def test_the_declared_outbox_has_no_key_but_its_primary_one() -> None:
    (table,) = ET.parse(DB_SCHEMA).getroot().findall("table[@name='erp_outbox']")  # noqa: S314 -- our own file

    assert [constraint.attrib["referenceId"] for constraint in table.findall("constraint")] == ["PRIMARY"]
    assert table.findall("index") == []
    assert table.attrib["resource"] == "sales"


def test_the_whitelist_names_exactly_what_is_declared() -> None:
    whitelist = json.loads((MODULE / "etc" / "db_schema_whitelist.json").read_text(encoding="utf-8"))

    tables = {table.attrib["name"] for table in ET.parse(DB_SCHEMA).getroot()}  # noqa: S314 -- our own file
    assert set(whitelist) == tables
    for table in tables:
        assert list(whitelist[table]["column"]) == declared_columns(table)
    assert whitelist["erp_outbox"]["constraint"] == {"PRIMARY": True}


def test_a_server_accepts_the_declared_outbox_in_magentos_character_set(database: Database) -> None:
    statement = declared_table("erp_outbox", prefix="m2_") + " DEFAULT CHARSET=utf8mb3"

    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.execute("SELECT COUNT(*) FROM m2_erp_outbox")
        assert cursor.fetchone() == (0,)


def test_the_erp_number_has_one_name_in_table_refresh_and_list() -> None:
    refreshed = xml("etc/di.xml").find(
        ".//virtualType[@name='Magento\\Sales\\Model\\ResourceModel\\Order\\Grid']//item"
    )
    shown = xml("view/adminhtml/ui_component/sales_order_grid.xml").find(".//column")

    assert declared_columns("sales_order_grid") == [GRID_COLUMN]
    assert refreshed is not None
    assert (refreshed.get("name"), refreshed.text) == (GRID_COLUMN, f"sales_order.{GRID_COLUMN}")
    assert shown is not None
    assert shown.get("name") == GRID_COLUMN


@pytest.mark.parametrize("file", ["etc/events.xml", "etc/di.xml"])
def test_every_class_of_the_modules_that_a_file_names_is_there(file: str) -> None:
    named = re.findall(r'"ErpSidecar\\Outbox\\([\w\\]+)"', (MODULE / file).read_text(encoding="utf-8"))

    assert named
    assert [name for name in named if not (MODULE / f"{name.replace(chr(92), '/')}.php").is_file()] == []


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(MODULE)))
def test_the_code_keeps_magentos_rules(path: Path) -> None:
    code = code_of(path)

    assert "declare(strict_types=1);" in code
    assert not re.search(r"\bfinal\b|\bObjectManager\b|\breadonly\s+class\b|\bnew\s+\w+\(\)\s*\)\s*\{", code)
    assert not re.search(r"[(,]\s*(?:private |readonly )*[A-Z\\]\w*\s+\$\w+\s*=\s*null", code), "implicitly nullable"
    assert re.search(r"^ \*", path.read_text(encoding="utf-8"), re.MULTILINE) or path.name == "registration.php"


def test_everything_is_caught_in_one_place_only() -> None:
    places = [path.name for path in CODE if re.search(r"catch \(\\?Throwable", code_of(path))]

    assert places == ["OutboxEvents.php"]


def test_the_payload_core_knows_nothing_of_magento() -> None:
    using = [
        path.name for path in CODE if path.parent.name == "Core" and re.search(r"\bMagento\\|\bPsr\\", code_of(path))
    ]

    assert using == []


def test_the_module_never_loads_the_framework_stand_in() -> None:
    assert [path.name for path in CODE if "tandin" in code_of(path)] == []
    assert STANDIN.is_dir()
