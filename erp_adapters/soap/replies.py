"""Replies as they come: envelopes, faults, and XML that no schema describes. Nothing in them is fetched or expanded."""

import hashlib
import re
from http import HTTPStatus
from typing import Any, Final

from lxml import etree

from erp_adapters.soap.faults import SoapFault

SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12: Final = "http://www.w3.org/2003/05/soap-envelope"
EMPTY: Final = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
"""The statuses of HTTP with which a reply may have no content."""

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_CODES_OF_1_1: Final = {"Sender": "Client", "Receiver": "Server"}
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9_.:-]+)", re.ASCII)


class UnreadableError(ValueError):
    """A reply that cannot be read; the words quote none of it."""


def body_of(content: bytes, content_type: str) -> Any:  # noqa: ANN401 -- an element
    """The body of an envelope. HTTP's word on the encoding goes before the document's own."""
    if content_type.strip().lower().startswith("multipart/"):
        raise UnreadableError("attachments are not read")
    charset = _CHARSET.search(content_type)
    encoding = charset[1] if charset and not content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) else None
    root = _parsed(content, encoding)
    name = etree.QName(root)
    body = root.find(f"{{{name.namespace}}}Body")
    if name.localname != "Envelope" or name.namespace not in (SOAP_11, SOAP_12) or body is None:
        raise UnreadableError("the reply is no SOAP envelope")
    return body


def content_hash(content: bytes) -> str | None:
    """What names a document, whatever its layout and comments; None for what is none."""
    try:
        root = _parsed(content, None)
    except UnreadableError:
        return None
    for element in root.iter():
        if not (element.text or "").strip():
            element.text = None
        element.tail = None
    return hashlib.sha256(etree.tostring(root, method="c14n", with_comments=False)).hexdigest()[:16]


def _parsed(content: bytes, encoding: str | None) -> Any:  # noqa: ANN401 -- an element
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        root = etree.fromstring(content, etree.XMLParser(encoding=encoding, remove_comments=True, **options))
    except (etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise UnreadableError("the reply is not XML") from error
    if root.getroottree().docinfo.doctype:
        raise UnreadableError("the reply has a document type")
    return root


def fault_of(element: Any) -> SoapFault:  # noqa: ANN401 -- an element
    """A fault in the words of SOAP 1.1."""
    soap = etree.QName(element).namespace
    if soap == SOAP_11:
        code, words = element.findtext("faultcode"), element.findtext("faultstring")
        detail, subcodes = element.find("detail"), []
    else:
        code = element.findtext(f"{{{soap}}}Code/{{{soap}}}Value")
        words = element.findtext(f"{{{soap}}}Reason/{{{soap}}}Text")
        detail = element.find(f"{{{soap}}}Detail")
        subcodes = [one.text or "" for one in element.iterfind(f".//{{{soap}}}Subcode/{{{soap}}}Value")]
    # A code of SOAP 1.1 may be refined with dots: Client.Authentication.
    name, *refined = _local(code or "").split(".")
    data = None if detail is None else plain_element(detail)
    return SoapFault(
        _CODES_OF_1_1.get(name, name),
        (*refined, *map(_local, subcodes)),
        words or "",
        data if isinstance(data, dict) else {"_value_1": data or ""},
    )


def _local(name: str) -> str:
    return name.strip().rpartition(":")[2]


def plain_element(element: Any) -> object:  # noqa: ANN401 -- an element of lxml, which has no types
    """XML that no schema describes, as data: names without prefixes, what comes again as a list."""
    if element.get(f"{_XSI}nil") in ("true", "1"):
        return None
    attributes = {etree.QName(name).localname: value for name, value in element.attrib.items() if _XSI not in name}
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        text = element.text or ""
        return {**attributes, "_value_1": text} if attributes else text
    data: dict[str, object] = dict(attributes)
    seen: dict[str, list[object]] = {}
    for child in children:
        seen.setdefault(etree.QName(child).localname, []).append(plain_element(child))
    return data | {name: values[0] if len(values) == 1 else values for name, values in seen.items()}
