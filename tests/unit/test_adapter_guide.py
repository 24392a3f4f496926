"""The adapter guide is true: its table, its example, its links, its lists of files and outcomes."""

import ast
import importlib
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from erp_adapters.odoo import OdooTerms
from erp_adapters.registry import KINDS, AdapterConfiguration, build
from sidecar.domain.delivery import Capabilities, DocumentKind, Outcome
from sidecar.ports import ErpAdapter

FOLDER = Path(__file__).resolve().parents[2] / "erp_adapters"
GUIDE = (FOLDER / "README.md").read_text(encoding="utf-8")
SHOWN = {"real system", "vendor contract", "sandbox", "not proven"}
OFFERS: dict[str, Callable[[Capabilities], bool]] = {
    "orders: create, find, read back": lambda can: DocumentKind.ORDER in can.accepts,
    "order change": lambda can: DocumentKind.ORDER_CHANGE in can.accepts,
    "cancel": lambda can: DocumentKind.ORDER_CANCEL in can.accepts,
    "refund": lambda can: DocumentKind.REFUND in can.accepts,
    "customer": lambda can: DocumentKind.CUSTOMER in can.accepts,
    "stock written": lambda can: DocumentKind.STOCK_MOVEMENT in can.accepts,
    "demand": lambda can: DocumentKind.STOCK_DEMAND in can.accepts,
    "levels set": lambda can: DocumentKind.STOCK_COUNT in can.accepts,
    "stock read": lambda can: can.reads_stock,
    "changes followed": lambda can: bool(can.changes),
}


def rows_under(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading, its head first."""
    section = GUIDE.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    lines = re.findall(r"^\|(.*)\|$", section, re.MULTILINE)
    head, _, *rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]
    return [head, *rows]


def adapter_of(kind: str) -> ErpAdapter:
    """An adapter of the kind, with everything that may be left out left out."""
    plain = AdapterConfiguration("erp", kind, "sandbox", "http://127.0.0.1:1", Path())
    terms = OdooTerms("odoo", 1, "SHIPPING", "DISCOUNT")
    return build(replace(plain, odoo=terms if kind == "odoo" else None), SecretStr("key"), "test")


def test_the_table_has_every_kind_of_adapter_and_says_of_each_what_it_offers() -> None:
    head, *rows = rows_under("What is there, and how it was shown")
    kinds = [re.findall(r"`(\w+)`", row[0]) for row in rows]
    wrong = []
    for names, row in zip(kinds, rows, strict=True):
        adapter = adapter_of(names[0])
        can = adapter.capabilities()
        adapter.close()
        for column, offers in OFFERS.items():
            said = row[head.index(column)]
            if said != "not built" and said not in SHOWN:
                wrong.append(f"{names[0]}, {column}: {said!r} says not how it was shown")
            elif (said != "not built") is not offers(can):
                wrong.append(f"{names[0]}, {column}: the table says {said!r}, capabilities() the opposite")

    assert sorted(name for names in kinds for name in names) == sorted(KINDS)
    assert wrong == [], "change the table in erp_adapters/README.md"


def test_the_port_is_told_method_by_method_and_the_outcomes_one_by_one() -> None:
    methods = [name for name in vars(ErpAdapter) if not name.startswith("_")]
    told = [re.findall(r"`(\w+)\(", row[0])[0] for row in rows_under("The port in one table")[1:]]
    outcomes = [row[0].strip("`") for row in rows_under("Which outcome, when")[1:]]

    assert sorted(told) == sorted(methods)
    assert sorted(outcomes) == sorted(outcome.name for outcome in Outcome)


def test_every_file_of_the_suite_that_has_tests_is_in_the_list() -> None:
    with_tests = [path.name for path in (FOLDER / "conformance").glob("*.py") if "def test_" in path.read_text()]

    assert with_tests
    assert [name for name in with_tests if f"(conformance/{name})" not in GUIDE] == []


def test_what_the_example_imports_exists() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    imports = [node for node in ast.walk(ast.parse(example)) if isinstance(node, ast.ImportFrom)]

    assert imports
    for node in imports:
        module = importlib.import_module(str(node.module))
        assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


@pytest.mark.parametrize(
    "page", ["README.md", "sandbox/README.md", "sandbox/odoo/README.md", "sandbox/soap/README.md", "odoo/README.md"]
)
def test_every_file_that_a_page_of_the_adapters_links_to_exists(page: str) -> None:
    text = (FOLDER / page).read_text(encoding="utf-8")
    links = {link for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "://" not in link}

    assert links
    assert [link for link in links if not ((FOLDER / page).parent / link).exists()] == []
