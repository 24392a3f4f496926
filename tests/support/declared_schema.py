"""Reads Magento's declarative schema, so that tests create exactly the table that the module declares."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from ops.embedded.programs import PROJECT

DB_SCHEMA = PROJECT / "magento_module_stub" / "ErpSidecar_Outbox" / "etc" / "db_schema.xml"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def declared_table(name: str, *, prefix: str = "", path: Path = DB_SCHEMA) -> str:
    """The CREATE TABLE statement that Magento would run for a table of a db_schema.xml."""
    table = _table(name, path)
    lines = [*map(_column, table.iter("column_with_type")), *_constraints(table)]
    return (
        f"CREATE TABLE {prefix}{name} (\n  "
        + ",\n  ".join(lines)
        + f"\n) ENGINE={table.attrib['engine']} COMMENT='{table.get('comment', '')}'"
    )


def declared_columns(name: str, *, path: Path = DB_SCHEMA) -> list[str]:
    """The names of a table's columns, in the order of the file."""
    return [column.attrib["name"] for column in _table(name, path).iter("column_with_type")]


def _table(name: str, path: Path) -> ET.Element:
    """The table's element; its columns, unlike the column references of its keys, are renamed to tell them apart."""
    (table,) = ET.parse(path).getroot().findall(f"table[@name='{name}']")  # noqa: S314 -- our own file
    for column in table.findall("column"):
        column.tag = "column_with_type"
    return table


def _column(column: ET.Element) -> str:
    parts = [column.attrib["name"], _type(column)]
    if column.get("unsigned") == "true":
        parts.append("UNSIGNED")
    parts.append("NULL" if column.get("nullable", "true") == "true" else "NOT NULL")
    if "default" in column.attrib:
        parts.append(f"DEFAULT '{column.attrib['default']}'")
    if column.get("identity") == "true":
        parts.append("AUTO_INCREMENT")
    comment = column.get("comment", "").replace("'", "''")
    return " ".join([*parts, f"COMMENT '{comment}'"])


def _type(column: ET.Element) -> str:
    kind = column.attrib[XSI_TYPE]
    return f"{kind}({column.attrib['length']})" if kind in {"char", "varchar"} else kind


def _constraints(table: ET.Element) -> Iterator[str]:
    for constraint in table.findall("constraint"):
        columns = ", ".join(column.attrib["name"] for column in constraint.findall("column"))
        yield {"primary": f"PRIMARY KEY ({columns})", "unique": f"UNIQUE KEY ({columns})"}[constraint.attrib[XSI_TYPE]]
