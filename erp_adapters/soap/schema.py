"""The schemas of a WSDL, compiled: what a request must satisfy before it leaves."""

import copy
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

from lxml import etree

_WSDL: Final = "{http://schemas.xmlsoap.org/wsdl/}"
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_QUOTED: Final = re.compile(r"(?:The value )?'.*' (is not .*)$", re.DOTALL)
_NAMED: Final = re.compile(r"^(?:Element|attribute) '[^']*'(?:, attribute '([^']*)')?: (.*)$", re.DOTALL)
_MOST: Final = 5
_ONE_AT_A_TIME: Final = threading.Lock()
"""A schema has one list of errors, whoever asks: what one thread finds wrong, another would take away."""


def compiled(wsdl: Path) -> tuple[Any, str]:
    """The schema of a WSDL's types, or None and why not: libxml2 does not take every schema that is in use."""
    with TemporaryDirectory(prefix="erp-sidecar-") as folder:
        try:
            driver = _written(wsdl, Path(folder))
            return etree.XMLSchema(etree.parse(str(driver), _parser())), ""
        except (etree.LxmlError, OSError, ValueError) as error:
            return None, (str(error).splitlines() or [type(error).__name__])[0]


def faults_of(schema: Any, element: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- lxml has no types
    """What is wrong with an element: the place, and words that quote no value."""
    with _ONE_AT_A_TIME:
        if schema.validate(element):
            return
        errors = list(schema.error_log)[:_MOST]
    alone = copy.deepcopy(element)
    if not errors:
        yield etree.QName(element).localname, "it does not suit the schema"
    # The error of a facet is followed by one of the type, which quotes the value and says less.
    for error in errors:
        place = _place(alone, error.path)
        found = _NAMED.match(error.message)
        attribute, words = (found[1], found[2]) if found else ("", error.message)
        quoted = _QUOTED.search(words)
        yield f"{place}.{attribute}" if attribute else place, quoted[1] if quoted else words


def _place(root: Any, path: str) -> str:  # noqa: ANN401 -- an element
    """The names on the way to an element, below the operation's own."""
    spaces = {prefix: uri for one in root.iter() for prefix, uri in one.nsmap.items() if prefix}
    try:
        found = etree.ElementTree(root).xpath(path, namespaces=spaces)
    except etree.XPathError:
        found = []
    element = found[0] if found else root
    names = []
    for step in (element, *element.iterancestors()):
        parent = step.getparent()
        same = [] if parent is None else [one for one in parent if one.tag == step.tag]
        name = etree.QName(step).localname
        names.append(f"{name}[{same.index(step)}]" if len(same) > 1 else name)
    return ".".join(reversed(names))


def _written(wsdl: Path, folder: Path) -> Path:
    """A schema that imports all of the WSDL's; those that stand inside it are written into the folder."""
    inline = list(_inline(wsdl, set()))
    spaces = {schema.get("targetNamespace"): folder / f"inline{n}.xsd" for n, (schema, _) in enumerate(inline)}
    driver = etree.Element(f"{_XS}schema", targetNamespace="urn:erp-sidecar:driver")
    for number, (schema, base) in enumerate(inline):
        for link in schema.iter(f"{_XS}import", f"{_XS}include", f"{_XS}redefine"):
            location = link.get("schemaLocation")
            if location and urlsplit(location).scheme:
                raise ValueError("an import from the network")
            if location:
                link.set("schemaLocation", str((base / location).resolve()))
            elif link.get("namespace") in spaces:
                link.set("schemaLocation", str(spaces[link.get("namespace")]))
        file = folder / f"inline{number}.xsd"
        file.write_bytes(etree.tostring(schema))
        space = {"namespace": schema.get("targetNamespace")} if schema.get("targetNamespace") else {}
        etree.SubElement(driver, f"{_XS}import", schemaLocation=str(file), **space)
    path = folder / "driver.xsd"
    path.write_bytes(etree.tostring(driver))
    return path


def _inline(wsdl: Path, seen: set[Path]) -> Iterator[tuple[Any, Path]]:
    """The schemas inside a WSDL and those that it imports, each with the folder that its locations start from."""
    if wsdl in seen:
        return
    seen.add(wsdl)
    root = etree.parse(str(wsdl), _parser()).getroot()
    for schema in root.iterfind(f"{_WSDL}types/{_XS}schema"):
        yield _standing_alone(schema), wsdl.parent
    for link in root.iterfind(f"{_WSDL}import"):
        location = link.get("location")
        if location and location.endswith(".wsdl"):
            yield from _inline((wsdl.parent / location).resolve(), seen)


def _standing_alone(schema: Any) -> Any:  # noqa: ANN401 -- elements
    """A copy with every prefix that its attributes' values may name, which are declared further up."""
    alone = etree.Element(schema.tag, dict(schema.attrib), nsmap=schema.nsmap)
    alone.extend(copy.deepcopy(child) for child in schema)
    return alone


def _parser() -> Any:  # noqa: ANN401 -- lxml has no types
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
