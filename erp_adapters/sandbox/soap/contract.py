"""The contract: what may be asked, in which words; and the only way in which this ERP reads XML."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

FOLDER = Path(__file__).parent / "contract"
WSDL = "kontor.wsdl"
SERVICE = "urn:example:kontor:service:3"
DOCUMENTS = "urn:example:kontor:documents:3"
COMMON = "urn:example:kontor:common:3"
_WSDL_NS = {"w": "http://schemas.xmlsoap.org/wsdl/"}


class UnreadableError(Exception):
    """What came is not XML as this ERP takes it."""


def parsed(content: bytes) -> etree._Element:
    """Read XML that comes from outside: nothing is fetched, nothing is expanded, no document type is taken."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        raise UnreadableError("The body is not XML.") from wrong
    if root.getroottree().docinfo.doctype:
        raise UnreadableError("A document type is not accepted.")
    return root


@dataclass(frozen=True)
class Contract:
    """The files of the contract, and the schema that every request is held against."""

    schema: etree.XMLSchema
    operations: frozenset[str]
    lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def read(cls) -> "Contract":
        """Read the files that lie beside this module."""
        wsdl = etree.parse(FOLDER / WSDL)
        named = wsdl.iterfind("w:portType/w:operation", _WSDL_NS)
        schema = etree.XMLSchema(etree.parse(FOLDER / "service.xsd"))
        return cls(schema, frozenset(operation.get("name") for operation in named))

    def faults_of(self, asked: etree._Element) -> list[str]:
        """What is wrong with a request, in the schema's own words."""
        with self.lock:  # a schema has one list of errors, whoever asks
            if self.schema.validate(asked):
                return []
            return [f"line {error.line}: {error.message}" for error in self.schema.error_log] or ["it does not fit"]

    def file(self, name: str) -> bytes | None:
        """A file of the contract, for whoever asks for it by name."""
        return (FOLDER / name).read_bytes() if name in {path.name for path in FOLDER.iterdir()} else None
