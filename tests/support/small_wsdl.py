"""A WSDL of a few lines with what schemas have: attributes, choices, lists, nil, any, decimals and doubles."""

from pathlib import Path
from typing import Any

NAMESPACE = "urn:example:small"
TYPES = """
    <xs:complexType name="Line"><xs:sequence>
      <xs:element name="Sku" type="xs:string"/>
      <xs:element name="Quantity" type="xs:decimal"/>
      <xs:element name="Weight" type="xs:double" minOccurs="0"/>
    </xs:sequence><xs:attribute name="ref" type="xs:string" use="required"/></xs:complexType>
    <xs:simpleType name="Short">
      <xs:restriction base="xs:string"><xs:maxLength value="8"/></xs:restriction></xs:simpleType>
    <xs:simpleType name="Code">
      <xs:restriction base="xs:string"><xs:pattern value="[A-Z]+"/></xs:restriction></xs:simpleType>
    <xs:element name="Put"><xs:complexType><xs:sequence>
      <xs:element name="Reference" type="t:Short"/>
      <xs:element name="Kind" type="t:Code" minOccurs="0"/>
      <xs:element name="Note" type="xs:string" minOccurs="0"/>
      <xs:choice minOccurs="0">
        <xs:element name="Card" type="xs:string"/><xs:element name="Invoice" type="xs:string"/>
      </xs:choice>
      <xs:element name="Line" type="t:Line" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="PutResponse"><xs:complexType><xs:sequence>
      <xs:element name="Number" type="xs:string" nillable="true"/>
      <xs:element name="Total" type="xs:decimal" minOccurs="0"/>
      <xs:element name="Ratio" type="xs:double" minOccurs="0"/>
      <xs:element name="At" type="xs:dateTime" minOccurs="0"/>
      <xs:element name="Line" type="t:Line" minOccurs="0" maxOccurs="unbounded"/>
      <xs:any namespace="##other" processContents="lax" minOccurs="0"/>
    </xs:sequence></xs:complexType></xs:element>
"""


HEADER = """
    <xs:element name="Context"><xs:complexType><xs:sequence><xs:element name="Company" type="xs:string"/></xs:sequence>
    </xs:complexType></xs:element>
"""


def wsdl(types: str = TYPES, *, before: str = "", imports: str = "", soap: str = "soap", header: bool = False) -> str:
    """The text of it; `header`: its operation has a SOAP header."""
    types = types + HEADER if header else types
    block = '<soap:header message="t:Head" part="context" use="literal"/>' if header else ""
    head = '<wsdl:message name="Head"><wsdl:part name="context" element="t:Context"/></wsdl:message>' if header else ""
    return f"""<?xml version="1.0"?>{before}
<wsdl:definitions targetNamespace="{NAMESPACE}" xmlns:t="{NAMESPACE}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/{soap}/" xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <wsdl:types>
    <xs:schema targetNamespace="{NAMESPACE}" elementFormDefault="qualified">{imports}{types}</xs:schema>
  </wsdl:types>
  {head}<wsdl:message name="In"><wsdl:part name="parameters" element="t:Put"/></wsdl:message>
  <wsdl:message name="Out"><wsdl:part name="parameters" element="t:PutResponse"/></wsdl:message>
  <wsdl:portType name="Port"><wsdl:operation name="Put">
    <wsdl:input message="t:In"/><wsdl:output message="t:Out"/>
  </wsdl:operation></wsdl:portType>
  <wsdl:binding name="Binding" type="t:Port">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="Put"><soap:operation soapAction="urn:put"/>
      <wsdl:input>{block}<soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="Service"><wsdl:port name="Port" binding="t:Binding">
    <soap:address location="https://erp.example.com/"/>
  </wsdl:port></wsdl:service>
</wsdl:definitions>"""


def written(folder: Path, text: str | None = None) -> Path:
    """Write it into the folder."""
    path = folder / "small.wsdl"
    path.write_text(wsdl() if text is None else text, encoding="utf-8")
    return path


def reply(body: str, *, soap: str = "http://schemas.xmlsoap.org/soap/envelope/") -> str:
    """An envelope around what a body holds."""
    return f'<e:Envelope xmlns:e="{soap}"><e:Body>{body}</e:Body></e:Envelope>'


def put_response(content: str) -> str:
    """An envelope around a reply of Put."""
    return reply(f'<t:PutResponse xmlns:t="{NAMESPACE}">{content}</t:PutResponse>')


def profile(**changes: object) -> dict[str, Any]:
    """A profile for it that creates orders and finds none."""
    data: dict[str, Any] = {
        "product": "Small",
        "wsdl": "small.wsdl",
        "auth": {"kind": "basic", "name": "shop"},
        "promises": {"find_visibility_lag": "1s", "longest_processing": "1m", "reference_limit": 40},
        "operations": {
            "ping": {"operation": "Put", "arguments": {"Reference": "PING"}, "product": "Number"},
            "create": {
                "operation": "Put",
                "arguments": {
                    "Reference": {"path": "reference.external_ref"},
                    "Note": {"path": "source.order.customer_note", "optional": True},
                },
                "answer": {"success": "Number != `null`", "id": "Number", "number": "Number"},
            },
        },
        "order": {
            "id": "Number",
            "number": "Number",
            "reference": "Number",
            "lines": {"each": "Line", "line_ref": "ref", "sku": "Sku", "quantity": "Quantity"},
        },
        "errors": {"code": "detail.Code", "message": "text"},
    }
    return {**data, **changes}
