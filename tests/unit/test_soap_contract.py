"""A WSDL is read from files alone; what is sent suits it; replies are read without fetching, expanding or rounding."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from erp_adapters.mapping import MappingError
from erp_adapters.soap.faults import SoapFault
from erp_adapters.soap.replies import SOAP_11, SOAP_12, UnreadableError
from erp_adapters.soap.wsdl import Contract
from sidecar.domain.errors import ConfigurationError
from tests.support.small_wsdl import put_response, reply, written, wsdl

LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    return Contract.load(written(tmp_path), None, None, strict=True)


def read(contract: Contract, content: str | bytes, content_type: str = "text/xml") -> object:
    raw = content if isinstance(content, bytes) else content.encode()
    return contract.reply("Put", raw, content_type)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (wsdl(imports='<xs:import namespace="urn:o" schemaLocation="http://127.0.0.1:9/o.xsd"/>'), "from the network"),
        (wsdl(imports='<xs:include schemaLocation="../elsewhere.xsd"/>'), "an import from elsewhere"),
        (wsdl(imports='<xs:include schemaLocation="file:///etc/passwd"/>'), "an import from elsewhere"),
        (wsdl(imports='<xs:include schemaLocation="missing.xsd"/>'), "missing.xsd: found No such file"),
        (wsdl(before=LAUGHS + "]>"), "a document type"),
        (wsdl(before="<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>"), "a document type"),
        ("no xml at all", "what cannot be read"),
    ],
)
def test_a_wsdl_is_refused_that_would_fetch_or_expand_something(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "elsewhere.xsd").write_text("<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>")
    (tmp_path / "here").mkdir()

    with pytest.raises(ConfigurationError) as refused:
        Contract.load(written(tmp_path / "here", text), None, None, strict=True)

    assert complaint in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize(("service", "port"), [("Nobody", None), ("Service", "Nobody")])
def test_a_service_that_the_wsdl_does_not_have_is_told_with_those_it_has(
    tmp_path: Path, service: str, port: str | None
) -> None:
    with pytest.raises(ConfigurationError, match=r"allowed: (service|port): one of (Service|Port)"):
        Contract.load(written(tmp_path), service, port, strict=True)


@pytest.mark.parametrize(("kind", "soap", "named"), [("soap", SOAP_11, "SOAPAction"), ("soap12", SOAP_12, "action=")])
def test_each_version_of_soap_names_the_action_in_its_own_way(tmp_path: Path, kind: str, soap: str, named: str) -> None:
    contract = Contract.load(written(tmp_path, wsdl(soap=kind)), None, None, strict=True)

    assert contract.envelope("Put", {"Reference": "A"}).tag == f"{{{soap}}}Envelope"
    assert named in str(contract.action("Put"))


@pytest.mark.parametrize(
    ("arguments", "path", "words"),
    [
        ({"Reference": "far too long"}, "Put.Reference", "length of '12'"),
        ({"Reference": "A", "Kind": "secret"}, "Put.Kind", "is not accepted by the pattern"),
        ({"Reference": "A", "Note": "a\x00b"}, "Note", "a character that XML cannot carry"),
        ({"Reference": "A", "Line": [{"Sku": "x\ufffe", "Quantity": "1", "ref": "1"}]}, "Line[0].Sku", "cannot carry"),
        ({"Reference": "A", "Line": [{"Sku": "x", "Quantity": "secret", "ref": "1"}]}, "Put.Line.Quantity", "decimal"),
        ({"Reference": "A", "Line": [{"Sku": "x", "Quantity": "1"}]}, "Put.Line.ref", "ref"),
        ({"Note": "a"}, "Put.Reference", "Missing element"),
        ({"Reference": "A", "Stranger": "secret"}, "", "do not suit the operation Put"),
    ],
)
def test_what_does_not_suit_the_schema_is_refused_at_its_place_and_quotes_no_value(
    contract: Contract, arguments: dict[str, object], path: str, words: str
) -> None:
    with pytest.raises(MappingError) as refused:
        contract.envelope("Put", arguments)

    assert refused.value.path == path
    assert words in str(refused.value)
    assert "secret" not in str(refused.value)


def test_what_one_thread_sends_rightly_hides_nothing_of_what_another_sends_wrongly(contract: Contract) -> None:
    def is_refused(number: int) -> bool:
        try:
            contract.envelope("Put", {"Reference": "A" if number % 2 else "far too long", "Note": "n" * 2000})
        except MappingError as error:
            return error.path == "Put.Reference"
        return False

    with ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(is_refused, range(800)))

    assert refused == [number % 2 == 0 for number in range(800)]


def test_a_header_of_the_wsdl_goes_into_the_envelopes_header(tmp_path: Path) -> None:
    contract = Contract.load(written(tmp_path, wsdl(header=True)), None, None, strict=True)

    envelope = contract.envelope("Put", {"Reference": "A"}, {"context": {"Company": "100"}})

    assert envelope.findtext("{*}Header/{*}Context/{*}Company") == "100"


def test_text_goes_out_as_it_is(contract: Contract) -> None:
    text = "Grüße & <Tor> \U0001f69a \u05e9\u05dc\u05d5\u05dd ]]>\r\n\ttab"

    envelope = contract.envelope("Put", {"Reference": "A", "Note": text})

    assert envelope.findtext(".//{*}Note") == text


def test_a_reply_is_plain_data_with_every_digit(contract: Contract) -> None:
    data = read(
        contract,
        put_response(
            "<t:Number>SO-1</t:Number><t:Total>9999999.9900</t:Total><t:At>2026-11-26T10:00:00+01:00</t:At>"
            '<t:Line ref="1"><t:Sku>A</t:Sku><t:Quantity>0.10</t:Quantity></t:Line>'
            '<o:Other xmlns:o="urn:o" mark="x"><o:One>1</o:One><o:One>2</o:One></o:Other>'
        ),
    )

    assert isinstance(data, dict)
    assert (data["Number"], str(data["Total"]), data["At"]) == (
        "SO-1",
        "9999999.9900",
        "2026-11-26T10:00:00+01:00",
    )
    assert data["Line"] == [{"Sku": "A", "Quantity": Decimal("0.10"), "Weight": None, "ref": "1"}]
    assert data["_value_1"] == {"mark": "x", "One": ["1", "2"]}


def test_nil_and_absent_are_both_nothing(contract: Contract) -> None:
    nil = '<t:Number xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'

    data = read(contract, put_response(nil))

    assert isinstance(data, dict)
    assert (data["Number"], data["Total"], data["Line"]) == (None, None, [])


@pytest.mark.parametrize(
    ("declared", "content_type"),
    [("ISO-8859-1", "text/xml"), (None, "text/xml; charset=ISO-8859-1"), ("UTF-8", 'text/xml; charset="iso-8859-1"')],
)
def test_another_encoding_is_read_and_http_has_the_last_word(
    contract: Contract, declared: str | None, content_type: str
) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    content = (declaration + put_response("<t:Number>Grüße</t:Number>")).encode("iso-8859-1")

    data = read(contract, content, content_type)

    assert isinstance(data, dict)
    assert data["Number"] == "Grüße"


@pytest.mark.parametrize(
    ("content", "content_type", "why"),
    [
        (LAUGHS + "]>" + put_response("<t:Number>&i;</t:Number>"), "text/xml", "the reply is not XML"),
        ("<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" + put_response("<t:Number>1</t:Number>"), "text/xml", "document"),
        (
            "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + put_response("<t:Number>&a;</t:Number>"),
            "text/xml",
            "document type",
        ),
        ("<html>The gateway failed.</html>", "text/html", "no SOAP envelope"),
        ("{}", "application/json", "not XML"),
        (put_response("<t:Number>1</t:Number>")[:-9], "text/xml", "not XML"),
        (put_response("<t:Number>1</t:Number>"), "text/xml; charset=no-such-thing", "not XML"),
        (put_response("<t:Number>1</t:Number>"), "multipart/related; boundary=x", "attachments"),
        (put_response("<t:Stranger>secret</t:Stranger>"), "text/xml", "does not suit the WSDL"),
        (reply('<x:Other xmlns:x="urn:x"/>'), "text/xml", "another reply"),
        (reply(""), "text/xml", "empty"),
    ],
)
def test_what_cannot_be_read_is_said_without_quoting_it(
    contract: Contract, content: str, content_type: str, why: str
) -> None:
    with pytest.raises(UnreadableError) as unreadable:
        read(contract, content, content_type)

    assert why in str(unreadable.value)
    assert "secret" not in str(unreadable.value)


@pytest.mark.parametrize("soap", [SOAP_11, SOAP_12])
def test_a_fault_is_the_same_in_both_versions(contract: Contract, soap: str) -> None:
    detail = '<k:Problem xmlns:k="urn:k" level="2"><k:Code>7</k:Code></k:Problem>'
    written_in_1_1 = (
        f"<e:Fault><faultcode>e:Client.Locked</faultcode><faultstring>no</faultstring>"
        f"<detail>{detail}</detail></e:Fault>"
    )
    written_in_1_2 = (
        "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>k:Locked</e:Value></e:Subcode></e:Code>"
        f'<e:Reason><e:Text xml:lang="en">no</e:Text></e:Reason><e:Detail>{detail}</e:Detail></e:Fault>'
    )

    fault = read(contract, reply(written_in_1_1 if soap == SOAP_11 else written_in_1_2, soap=soap))

    assert fault == SoapFault("Client", ("Locked",), "no", {"Problem": {"level": "2", "Code": "7"}})


def test_a_lenient_contract_reads_what_it_knows_and_passes_over_the_rest(tmp_path: Path) -> None:
    contract = Contract.load(written(tmp_path), None, None, strict=False)

    data = read(contract, put_response("<t:Number>SO-1</t:Number><t:Stranger>1</t:Stranger>"))

    assert isinstance(data, dict)
    assert data["Number"] == "SO-1"
