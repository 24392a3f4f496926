"""Envelopes of SOAP 1.1 and 1.2: what is in them, and how answers and faults are put into one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from erp_adapters.sandbox.soap.contract import COMMON, parsed

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_CONTENT_TYPES = {SOAP_11: "text/xml; charset=utf-8", SOAP_12: "application/soap+xml; charset=utf-8"}


@dataclass(frozen=True)
class Reason:
    """What stands in a fault: whose fault it is, in which words, with which detail."""

    code: str
    text: str
    status: int = 500
    is_ours: bool = False
    security: str = ""
    number: str | None = None
    fields: Sequence[tuple[str, str]] = field(default=())


class FaultError(Exception):
    """The request ends in a fault."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


@dataclass(frozen=True)
class Envelope:
    """One request: the version of SOAP it speaks, its header, and the one element of its body."""

    soap: str
    header: etree._Element | None
    asked: etree._Element

    @classmethod
    def read(cls, content: bytes) -> "Envelope":
        """Open an envelope; raise FaultError, or UnreadableError for what is no XML."""
        root = parsed(content)
        name = etree.QName(root)
        if name.localname != "Envelope" or name.namespace not in (SOAP_11, SOAP_12):
            raise FaultError(Reason("VersionMismatch", "The envelope is neither of SOAP 1.1 nor of SOAP 1.2."))
        soap = str(name.namespace)
        body = root.find(f"{{{soap}}}Body")
        parts = [] if body is None else [part for part in body if isinstance(part.tag, str)]
        if len(parts) != 1:
            raise FaultError(Reason("INVALID_MESSAGE", "The body must hold one element."))
        header = root.find(f"{{{soap}}}Header")
        for block in header if header is not None else ():
            understood = isinstance(block.tag, str) and block.tag == f"{{{WSSE}}}Security"
            if not understood and block.get(f"{{{soap}}}mustUnderstand") in ("1", "true"):
                raise FaultError(Reason("MustUnderstand", f"The header {block.tag} is not understood."))
        return cls(soap, header, parts[0])


def content_type(soap: str) -> str:
    """How HTTP names an envelope."""
    return _CONTENT_TYPES[soap]


def written(soap: str, body: etree._Element) -> bytes:
    """Put an answer into an envelope."""
    root = etree.Element(f"{{{soap}}}Envelope", nsmap={"env": soap})
    etree.SubElement(root, f"{{{soap}}}Body").append(body)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def fault(soap: str, reason: Reason) -> bytes:
    """Put a fault into an envelope."""
    root = etree.Element(f"{{{soap}}}Fault", nsmap={"env": soap, "wsse": WSSE, "wsu": WSU})
    standard = reason.code if reason.code in ("VersionMismatch", "MustUnderstand") else ""
    if soap == SOAP_11:
        code = f"env:{standard or ('Server' if reason.is_ours else 'Client')}"
        etree.SubElement(root, "faultcode").text = reason.security or code
        etree.SubElement(root, "faultstring").text = reason.text
        detail = etree.SubElement(root, "detail")
    else:
        code = etree.SubElement(root, f"{{{soap}}}Code")
        value = standard or ("Receiver" if reason.is_ours else "Sender")
        etree.SubElement(code, f"{{{soap}}}Value").text = f"env:{value}"
        if reason.security:
            subcode = etree.SubElement(code, f"{{{soap}}}Subcode")
            etree.SubElement(subcode, f"{{{soap}}}Value").text = reason.security
        words = etree.SubElement(etree.SubElement(root, f"{{{soap}}}Reason"), f"{{{soap}}}Text")
        words.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
        words.text = reason.text
        detail = etree.SubElement(root, f"{{{soap}}}Detail")
    if not reason.security and not standard:
        detail.append(_detail(reason))
    else:
        root.remove(detail)
    return written(soap, root)


def _detail(reason: Reason) -> etree._Element:
    detail = etree.Element(f"{{{COMMON}}}KontorFault", nsmap={"k": COMMON})
    etree.SubElement(detail, f"{{{COMMON}}}Code").text = reason.code
    etree.SubElement(detail, f"{{{COMMON}}}Text").text = reason.text
    if reason.number:
        etree.SubElement(detail, f"{{{COMMON}}}DocumentNo").text = reason.number
    for place, words in reason.fields:
        one = etree.SubElement(detail, f"{{{COMMON}}}Field", severity="ERROR", code=reason.code, field=place)
        one.text = words
    return detail
