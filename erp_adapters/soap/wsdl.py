"""A WSDL read from files: it makes envelopes and reads replies. The only module that knows zeep.

Nothing is ever fetched: what a WSDL imports must lie in its folder. Document types and entities are refused, in the
contract and in replies. Requests are held against the schema itself before they leave, which zeep alone does not do.
"""

import logging
import re
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import zeep.exceptions
from lxml import etree
from zeep import Settings, xsd
from zeep.wsdl import Document
from zeep.xsd.context import XmlParserContext
from zeep.xsd.valueobjects import CompoundValue

from erp_adapters.mapping import MappingError
from erp_adapters.soap.faults import SoapFault
from erp_adapters.soap.replies import SOAP_11, SOAP_12, UnreadableError, body_of, fault_of, plain_element
from erp_adapters.soap.schema import compiled, faults_of
from erp_adapters.soap.shapes import Field, Shape
from sidecar.domain.errors import ConfigurationError

logging.getLogger("zeep").setLevel(logging.CRITICAL + 1)  # it quotes values that it cannot read

XSI_TYPE: Final = "xsi:type"
"""What a table of arguments calls the name of its type, where the schema leaves it open."""

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_LARGEST_FILE: Final = 8 * 1024 * 1024
_MOST_FILES: Final = 1000
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNREADABLE = (zeep.exceptions.Error, ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What zeep raises for XML that does not suit the schema; none of it says anything about the work."""


@dataclass(frozen=True, slots=True)
class Contract:
    """One port of one WSDL."""

    document: Any = field(repr=False)
    binding: Any = field(repr=False)
    schema: Any = field(repr=False)
    soap: str

    @classmethod
    def load(cls, path: Path, service: str | None, port: str | None, *, strict: bool) -> "Contract":
        """Read the WSDL and all that it imports; raise ConfigurationError for what must not or cannot be used."""
        settings = Settings(strict=strict, forbid_dtd=True, forbid_entities=True, forbid_external=True)
        try:
            files: Any = _Files(path.resolve().parent)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what is left out for being incomplete is missed where it is used
                document = Document(str(path.resolve()), files, settings=settings)
        except ConfigurationError:
            raise
        except zeep.exceptions.ExternalReferenceForbidden as error:
            raise _refused(path, "an import from the network", f"files beside it ({error.url})") from error
        except (zeep.exceptions.DTDForbidden, zeep.exceptions.EntitiesForbidden) as error:
            raise _refused(path, "a document type", "none: neither document types nor entities") from error
        except (*_UNREADABLE, etree.LxmlError, NotImplementedError) as error:
            message = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise _refused(path, f"what cannot be read ({message})", "a WSDL 1.1 with its schemas") from error
        binding = _port(path, document, service, port).binding
        soap = _version(path, binding)
        schema, why_not = compiled(path) if strict else (None, "")
        if strict and schema is None:
            raise _refused(path, f"a schema that cannot be compiled ({why_not})", "a whole one, or strict: false")
        return cls(document, binding, schema, soap)

    @property
    def operations(self) -> frozenset[str]:
        """The names of the operations of this port."""
        return frozenset(self.binding._operations)  # noqa: SLF001 -- zeep has no other way to list them

    def envelope(self, operation: str, arguments: Mapping[str, object], headers: object = None) -> Any:  # noqa: ANN401 -- an element
        """Write a request; raise MappingError, naming the place, for what the contract does not allow."""
        _refuse_not_xml(arguments, "")
        more = {} if headers is None else {"_soapheaders": headers}
        try:
            typed = {name: self._typed(one) for name, one in arguments.items()}
            envelope = self.binding.get(operation).create(**typed, **more).content
        except zeep.exceptions.ValidationError as error:
            place = ".".join(str(step) for step in error.path or ())
            raise _misfit(place, f"{place}: {error.message}") from error
        except _UNREADABLE as error:
            raise _misfit("", f"the arguments do not suit the operation {operation} of the WSDL") from error
        body = envelope.find(f"{{{self.soap}}}Body")
        for part in body if self.schema is not None else ():
            for place, words in faults_of(self.schema, part):
                raise _misfit(place, f"{place}: {words}")
        _declare_once(envelope)
        return envelope

    def _typed(self, value: object) -> object:
        """A value in which every table that names its type is one of that type."""
        match value:
            case Mapping() if XSI_TYPE in value:
                name = value[XSI_TYPE]
                fields = {key: one for key, one in value.items() if key != XSI_TYPE}
                kind = self.document.types.get_type(name)
                return kind(**{key: self._typed(one) for key, one in fields.items()})
            case Mapping():
                return {key: self._typed(one) for key, one in value.items()}
            case list():
                return [self._typed(one) for one in value]
            case _:
                return value

    def action(self, operation: str) -> dict[str, str]:
        """The HTTP headers that tell what is asked."""
        action = self.binding.get(operation).soapaction or ""
        if self.soap == SOAP_11:
            return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
        named = f'; action="{action}"' if action else ""
        return {"Content-Type": f"application/soap+xml; charset=utf-8{named}"}

    def reply(self, operation: str, content: bytes, content_type: str) -> object | SoapFault:
        """The content of a reply as plain data, or its fault; raise UnreadableError for anything else."""
        body = body_of(content, content_type)
        first = next((part for part in body if isinstance(part.tag, str)), None)
        if first is None:
            raise UnreadableError("the body is empty")
        name = etree.QName(first)
        if name.localname == "Fault" and name.namespace in (SOAP_11, SOAP_12):
            return fault_of(first)
        expected = self.binding.get(operation).output.body
        if expected is None:
            raise UnreadableError("the contract knows no reply to this")
        if self.binding.get(operation).style == "document" and name.localname != expected.name:
            raise UnreadableError("another reply than the contract's")
        context = XmlParserContext(settings=self.document.settings)  # type: ignore[no-untyped-call]
        try:
            value = expected.parse(first, self.document.types, context=context)
        except _UNREADABLE as error:
            raise UnreadableError("the reply does not suit the WSDL") from error
        return plain(value)

    def input_shape(self, operation: str) -> Shape:
        """What the arguments of an operation may be."""
        body = self.binding.get(operation).input.body
        return _shape(None if body is None else body.type, {})

    def named_shape(self, name: str) -> Shape | None:
        """What a type may be that a template names as {namespace}Name; None where the WSDL has none of that name."""
        try:
            return _shape(self.document.types.get_type(name), {})
        except _UNREADABLE:
            return None

    def output_shape(self, operation: str) -> Shape:
        """What the reply of an operation may hold."""
        output = self.binding.get(operation).output
        body = None if output is None else output.body
        return _shape(None if body is None else body.type, {})


def plain(value: object) -> object:
    """A value as data that expressions can search: decimals stay exact, instants become text."""
    match value:
        case CompoundValue():
            return {name: plain(value[name]) for name in value}
        case Mapping():
            return {name: plain(one) for name, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case date() | time():
            return value.isoformat()
        case timedelta() | bytes():
            return str(value)
        case None | bool() | int() | float() | str() | Decimal():
            return value
        case _ if isinstance(value, etree._Element):  # noqa: SLF001 -- lxml's own name for its elements
            return plain_element(value)
        case _:
            return str(value)


class _Files:
    """What zeep takes for a transport: files in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = 0

    def load(self, url: str) -> bytes:
        """The file's content; raise ConfigurationError for anything that is not a file in the folder."""
        path = Path(str(url)).resolve()
        if urlsplit(str(url)).scheme or not path.is_relative_to(self._folder):
            raise _refused(path, "an import from elsewhere", f"files in {self._folder.name}/")
        self._read += 1
        if self._read > _MOST_FILES:
            raise _refused(path, f"more than {_MOST_FILES} imports", "fewer")
        try:
            with path.open("rb") as file:
                content = file.read(_LARGEST_FILE + 1)
        except OSError as error:
            raise _refused(path, error.strerror or "what cannot be read", "a readable file") from error
        if len(content) > _LARGEST_FILE:
            raise _refused(path, f"more than {_LARGEST_FILE} bytes", "a smaller file")
        return content


def _port(path: Path, document: Any, service: str | None, port: str | None) -> Any:  # noqa: ANN401 -- zeep's
    services = document.services
    chosen = service or (next(iter(services)) if len(services) == 1 else None)
    if chosen not in services:
        raise _refused(path, f"the service {service or 'nobody names'}", f"service: one of {', '.join(services)}")
    ports = services[chosen].ports
    named = port or (next(iter(ports)) if len(ports) == 1 else None)
    if named not in ports:
        raise _refused(path, f"the port {port or 'nobody names'}", f"port: one of {', '.join(ports)}")
    return ports[named]


def _version(path: Path, binding: Any) -> str:  # noqa: ANN401 -- zeep's
    soap = getattr(binding, "nsmap", {}).get("soap-env")
    if soap not in (SOAP_11, SOAP_12):
        raise _refused(path, "a port that does not speak SOAP", "a port of SOAP 1.1 or SOAP 1.2")
    return str(soap)


def _declare_once(envelope: Any) -> None:  # noqa: ANN401 -- an element
    """Let every namespace be declared once, at the top: zeep does so at each element. A type that is named in the
    content needs the prefix where it stands.
    """
    if any(f"{_XSI}type" in element.attrib for element in envelope.iter()):
        return
    spaces = dict.fromkeys(str(etree.QName(element).namespace or "") for element in envelope.iter())
    named = {f"n{number}": space for number, space in enumerate(spaces) if space and space not in (SOAP_11, SOAP_12)}
    etree.cleanup_namespaces(envelope, top_nsmap=named)


def _refuse_not_xml(value: object, at: str) -> None:
    match value:
        case str() if _NOT_XML.search(value):
            raise _misfit(at, f"{at}: a character that XML cannot carry")
        case Mapping():
            for name, one in value.items():
                _refuse_not_xml(one, f"{at}.{name}" if at else str(name))
        case list():
            for place, one in enumerate(value):
                _refuse_not_xml(one, f"{at}[{place}]")
        case _:
            pass


def _shape(kind: Any, known: dict[int, Shape]) -> Shape:  # noqa: ANN401 -- a type of zeep
    """A type in our own words; types that hold themselves are met once."""
    if id(kind) in known:
        return known[id(kind)]
    shape = known[id(kind)] = Shape(_leaf(kind))
    if not isinstance(kind, xsd.ComplexType):
        return shape
    needed = set(_needed(kind._element))  # noqa: SLF001 -- the one place that tells choices from sequences
    for name, element in kind.elements:
        if isinstance(element, xsd.Element):
            shape.fields[name] = Field(_shape(element.type, known), name in needed, element.accepts_multiple)
        else:
            shape.open = True
    for name, attribute in kind.attributes:
        with suppress(AttributeError):
            shape.fields[name] = Field(_shape(attribute.type, known), bool(attribute.required), repeated=False)
    return shape


def _needed(container: Any) -> list[str]:  # noqa: ANN401 -- zeep's
    """The elements that must be there, whatever else is; of a choice that is none of them."""
    if isinstance(container, xsd.Element):
        return [] if container.is_optional or container.nillable else [container.attr_name]
    if not isinstance(container, xsd.Sequence | xsd.All | xsd.Group) or container.min_occurs == 0:
        return []
    return [name for part in container for name in _needed(part)]


def _leaf(kind: Any) -> str:  # noqa: ANN401 -- zeep's
    for form, name in (
        (xsd.ComplexType, "element"),
        ((xsd.Float, xsd.Double), "float"),
        (xsd.Integer, "integer"),
        (xsd.Decimal, "decimal"),
        (xsd.Boolean, "boolean"),
        ((xsd.DateTime, xsd.Date, xsd.Time), "instant"),
    ):
        if isinstance(kind, form):
            return name
    return "text"


def _misfit(at: str, what: str) -> MappingError:
    hint = "correct the order in Magento or the mapping, then retry the event"
    return MappingError(at, what[:500], hint=hint)


def _refused(path: Path, found: str, allowed: str) -> ConfigurationError:
    return ConfigurationError(f"{path.name}: found {found}, allowed: {allowed}", hint="correct the WSDL or the profile")
