"""The modules' XML holds only elements and attributes that Magento's schemas know, and names what is there."""

import json
import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from ops.embedded.programs import PROJECT

MODULES: Final = sorted((PROJECT / "magento_module_stub").glob("ErpSidecar_*"))
FILES: Final = [path for module in MODULES for path in sorted(module.rglob("*.xml"))]
NOTHING_WITHOUT_SOURCES: Final = ("ErpSidecar_StockFeed",)
"""Modules that are not installed where the inventory modules were removed."""
OUTBOX: Final = PROJECT / "magento_module_stub" / "ErpSidecar_Outbox"
SCHEMA: Final = "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"
XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
SHOWN: Final = {"showInDefault", "showInWebsite", "showInStore"}
TITLED: Final = {"id", "translate", "type", "sortOrder"} | SHOWN

KINDS: Final[dict[str, tuple[str, dict[str, set[str]]]]] = {
    "module.xml": (
        "urn:magento:framework:Module/etc/module.xsd",
        {"config": set(), "module": {"name"}, "sequence": set()},
    ),
    "events.xml": (
        "urn:magento:framework:Event/etc/events.xsd",
        {"config": set(), "event": {"name"}, "observer": {"name", "instance", "disabled", "shared"}},
    ),
    "di.xml": (
        "urn:magento:framework:ObjectManager/etc/config.xsd",
        {
            "config": set(),
            "preference": {"for", "type"},
            "type": {"name", "shared"},
            "virtualType": {"name", "type", "shared"},
            "arguments": set(),
            "argument": {"name", XSI_TYPE},
            "item": {"name", XSI_TYPE, "sortOrder"},
            "plugin": {"name", "type", "sortOrder", "disabled"},
        },
    ),
    "db_schema.xml": (
        "urn:magento:framework:Setup/Declaration/Schema/etc/schema.xsd",
        {
            "schema": set(),
            "table": {"name", "resource", "engine", "comment"},
            "column": {
                XSI_TYPE,
                "name",
                "length",
                "nullable",
                "comment",
                "unsigned",
                "identity",
                "default",
                "precision",
                "scale",
                "padding",
                "on_update",
            },
            "constraint": {XSI_TYPE, "referenceId"},
            "index": {"referenceId", "indexType"},
        },
    ),
    "acl.xml": (
        "urn:magento:framework:Acl/etc/acl.xsd",
        {"config": set(), "acl": set(), "resources": set(), "resource": {"id", "title", "translate", "sortOrder"}},
    ),
    "webapi.xml": (
        "urn:magento:module:Magento_Webapi:etc/webapi.xsd",
        {
            "routes": set(),
            "route": {"url", "method"},
            "service": {"class", "method"},
            "resources": set(),
            "resource": {"ref"},
        },
    ),
    "system.xml": (
        "urn:magento:module:Magento_Config:etc/system_file.xsd",
        {
            "config": set(),
            "system": set(),
            "section": TITLED,
            "group": TITLED,
            "field": TITLED | {"canRestore"},
            "class": set(),
            "label": set(),
            "tab": set(),
            "resource": set(),
            "comment": set(),
            "source_model": set(),
            "can_be_empty": set(),
        },
    ),
    "sales_order_view.xml": (
        "urn:magento:framework:View/Layout/etc/page_configuration.xsd",
        {
            "page": set(),
            "body": set(),
            "referenceBlock": {"name"},
            "action": {"method"},
            "argument": {"name", XSI_TYPE},
        },
    ),
    "sales_order_grid.xml": (
        "urn:magento:module:Magento_Ui:etc/ui_configuration.xsd",
        {
            "listing": set(),
            "columns": {"name"},
            "column": {"name", "sortOrder"},
            "settings": set(),
            "filter": set(),
            "label": {"translate"},
        },
    ),
}
"""File name: Magento's schema, and each element with the attributes that this project uses of it."""


def root_of(path: Path) -> ET.Element:
    return ET.parse(path).getroot()  # noqa: S314 -- our own file


def name_of(path: Path) -> str:
    return str(path.relative_to(OUTBOX.parent))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_is_made_of_what_its_schema_knows(path: Path) -> None:
    root = root_of(path)
    if path.name == "config.xml":
        assert root.attrib[SCHEMA] == "urn:magento:module:Magento_Store:etc/config.xsd"
        assert [child.tag for child in root] == ["default"]
        return
    schema, known = KINDS[path.name]

    assert root.attrib.pop(SCHEMA) == schema
    assert {element.tag for element in root.iter()} <= known.keys()
    assert [
        (element.tag, sorted(extra)) for element in root.iter() if (extra := element.attrib.keys() - known[element.tag])
    ] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_class_of_the_modules_that_a_file_names_is_there(path: Path) -> None:
    named = re.findall(r"ErpSidecar\\(\w+)\\([\w\\]+)", path.read_text(encoding="utf-8"))

    files = {
        f"ErpSidecar_{module}/{name.removesuffix('Proxy').rstrip(chr(92)).replace(chr(92), '/')}.php"
        for module, name in named
    }
    assert [file for file in sorted(files) if not (OUTBOX.parent / file).is_file()] == []


def test_every_setting_has_a_default_and_every_setting_that_the_code_reads_is_there() -> None:
    (section,) = root_of(OUTBOX / "etc" / "adminhtml" / "system.xml").iter("section")
    shown = {
        f"{section.attrib['id']}/{g.attrib['id']}/{f.attrib['id']}"
        for g in section.iter("group")
        for f in g.iter("field")
    }
    (defaults,) = root_of(OUTBOX / "etc" / "config.xml").findall("default/erp_sidecar_outbox")
    kept = {f"erp_sidecar_outbox/{group.tag}/{field.tag}" for group in defaults for field in group}
    code = "".join(path.read_text(encoding="utf-8") for module in MODULES for path in module.rglob("*.php"))

    assert shown == kept
    read = set(re.findall(r"'(erp_sidecar_outbox/\w+/\w*)'", code))
    assert [path for path in sorted(read) if not any(name.startswith(path) for name in shown)] == []


def test_every_right_that_is_asked_for_is_declared() -> None:
    declared = {resource.attrib["id"] for resource in root_of(OUTBOX / "etc" / "acl.xml").iter("resource")}
    texts = [path.read_text(encoding="utf-8") for pattern in ("*.php", "*.xml") for path in OUTBOX.rglob(pattern)]

    asked = {right for text in texts for right in re.findall(r"ErpSidecar_Outbox::[a-z_]+(?![\w/.])", text)}
    assert asked
    assert asked <= declared


def test_every_template_that_a_block_names_is_there() -> None:
    blocks = [path.read_text(encoding="utf-8") for path in (OUTBOX / "Block").rglob("*.php")]

    named = [name for text in blocks for name in re.findall(r"ErpSidecar_Outbox::([\w/]+\.phtml)", text)]
    assert named
    assert [name for name in named if not (OUTBOX / "view" / "adminhtml" / "templates" / name).is_file()] == []


def test_templates_escape_everything_that_they_print() -> None:
    for template in OUTBOX.rglob("*.phtml"):
        printed = re.findall(r"<\?=\s*(.*?)\s*\?>", template.read_text(encoding="utf-8"), re.DOTALL)
        assert printed
        assert [words for words in printed if not re.match(r"\$escaper->escapeHtml\(|\(int\) ", words)] == []
        assert "<script" not in template.read_text(encoding="utf-8")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_composer_asks_for_the_modules_that_this_one_loads_after(module: Path) -> None:
    composer = json.loads((module / "composer.json").read_text(encoding="utf-8"))
    sequence = [element.attrib["name"] for element in root_of(module / "etc" / "module.xml").iter("module")][1:]

    packages = {
        "magento/module-" + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name.removeprefix("Magento_")).lower()
        for name in sequence
        if name.startswith("Magento_")
    }
    removable = {package for package in packages if package.startswith("magento/module-inventory")}
    assert packages - removable <= composer["require"].keys()
    if module.name in NOTHING_WITHOUT_SOURCES:
        assert removable <= composer["require"].keys()
    else:
        assert removable <= composer.get("suggest", {}).keys(), "what stores replace away must not be required"
    assert composer["type"] == "magento2-module"
    assert composer["require"]["php"] == "~8.1.0||~8.2.0||~8.3.0||~8.4.0"
    assert "registration.php" in composer["autoload"]["files"]


def test_the_status_command_tells_composers_version() -> None:
    composer = json.loads((OUTBOX / "composer.json").read_text(encoding="utf-8"))
    code = (OUTBOX / "Model" / "Status" / "ModuleVersion.php").read_text(encoding="utf-8")

    assert f"NUMBER = '{composer['version']}'" in code
