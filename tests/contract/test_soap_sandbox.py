"""Kontor is as strict as its contract, lets nobody in twice by one token, and keeps what it has answered."""

import base64
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from tests.support.kontor import PASSWORD, PROFILE, kontor
from tests.support.sandbox import Sandbox

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SERVICE = "urn:example:kontor:service:3"
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
PING = f'<s:Ping xmlns:s="{SERVICE}"/>'
ORDER = f"""<s:BookOrder xmlns:s="{SERVICE}" xmlns:d="urn:example:kontor:documents:3"
 xmlns:c="urn:example:kontor:common:3"><s:Order>
<d:Reference>REF</d:Reference><d:Revision>1</d:Revision><d:Placed>2026-11-23T10:15:00Z</d:Placed>
<d:Partner no="7"><d:Name>Ada Example</d:Name><d:Email>ada@example.com</d:Email></d:Partner>
<d:BillTo><c:Name>Ada Example</c:Name><c:City>Example City</c:City><c:Country>DE</c:Country></d:BillTo>
<d:OnAccount terms="CHECK"/>
<d:Lines><d:Line ref="1"><d:Article>BAG</d:Article><d:Quantity>1.0000</d:Quantity><d:Price>10.0000</d:Price>
<d:Net>10.0000</d:Net></d:Line></d:Lines>
<d:Totals currency="EUR"><d:Goods>10.0000</d:Goods><d:Discount>0</d:Discount><d:Delivery>0</d:Delivery><d:Tax>0</d:Tax>
<d:Total>10.0000</d:Total></d:Totals></s:Order></s:BookOrder>"""


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    root: etree._Element

    def text(self, name: str) -> str:
        """The text of the first element of this name."""
        return str(self.root.findtext(f".//{{*}}{name}"))


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with kontor(tmp_path_factory.mktemp("kontor"), "--duplicates", "refuse") as there:
        yield there


def token(
    password: str = PASSWORD, nonce: bytes | None = None, created: datetime | None = None, user: str = "shop"
) -> str:
    """A UsernameToken with a digest."""
    nonce = nonce or secrets.token_bytes(16)
    at = (created or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    hashed = hashlib.sha1(nonce + at.encode() + password.encode(), usedforsecurity=False).digest()
    return f"""<w:Security xmlns:w="{WSS}wssecurity-secext-1.0.xsd" xmlns:u="{WSS}wssecurity-utility-1.0.xsd">
    <w:UsernameToken><w:Username>{user}</w:Username>
    <w:Password Type="{WSS}username-token-profile-1.0#PasswordDigest">{base64.b64encode(hashed).decode()}</w:Password>
    <w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce><u:Created>{at}</u:Created></w:UsernameToken></w:Security>"""


def ask(
    erp: Sandbox, body: str, header: str | None = None, *, soap: str = SOAP_11, action: str = "", before: str = ""
) -> Answered:
    """Send an envelope."""
    header = token() if header is None else header
    envelope = f'{before}<e:Envelope xmlns:e="{soap}"><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>'
    operation = action or etree.QName(etree.fromstring(body)).localname
    named = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{SERVICE}:{operation}"'}
    if soap == SOAP_12:
        named = {"Content-Type": "application/soap+xml; charset=utf-8"}
    with closing(erp.connect()) as connection:
        connection.request("POST", "/soap", envelope.encode(), named)
        answer = connection.getresponse()
        return Answered(answer.status, etree.fromstring(answer.read()))


def test_an_order_is_booked_in_both_versions_and_the_answers_keep_to_the_contract(erp: Sandbox) -> None:
    schema = etree.XMLSchema(etree.parse(PROFILE.parent / "kontor" / "service.xsd"))
    for soap in (SOAP_11, SOAP_12):
        answered = [ask(erp, ORDER.replace("REF", f"K-{len(soap)}"), soap=soap), ask(erp, PING, soap=soap)]
        asked = f'<s:FindOrders xmlns:s="{SERVICE}"><s:Reference>K-{len(soap)}</s:Reference></s:FindOrders>'
        answered.append(ask(erp, asked, soap=soap))

        assert [answer.status for answer in answered] == [200, 200, 200]
        assert answered[0].text("State") == "OK"
        for answer in answered:
            schema.assertValid(answer.root.find("{*}Body")[0])


@pytest.mark.parametrize("soap", [SOAP_11, SOAP_12])
def test_what_the_schema_does_not_allow_is_the_senders_fault_with_what_is_wrong(erp: Sandbox, soap: str) -> None:
    answer = ask(erp, ORDER.replace("REF", "not a reference!"), soap=soap)

    assert answer.status == 500
    assert (answer.text("faultcode") if soap == SOAP_11 else answer.text("Value")).endswith((":Client", ":Sender"))
    assert answer.text("Code" if soap == SOAP_11 else "KontorFault/{*}Code") == "SCHEMA_VIOLATION"
    assert "Reference" in answer.text("Field")


def test_a_reference_that_was_booked_is_refused_with_the_document_that_has_it(erp: Sandbox) -> None:
    first = ask(erp, ORDER.replace("REF", "K-twice"))

    again = ask(erp, ORDER.replace("REF", "K-twice"))

    assert (again.text("Code"), again.text("DocumentNo")) == ("DUPLICATE_REFERENCE", first.text("DocumentNo"))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "wsse:InvalidSecurity"),
        (token("another password"), "wsse:FailedAuthentication"),
        (token(user="nobody"), "wsse:FailedAuthentication"),
        (token(created=datetime.now(UTC) - timedelta(hours=1)), "wsu:MessageExpired"),
        (token(created=datetime.now(UTC) + timedelta(hours=1)), "wsu:MessageExpired"),
        (token(nonce=b"short"), "wsse:InvalidSecurityToken"),
        ('<x:Strange xmlns:x="urn:x" xmlns:e="' + SOAP_11 + '" e:mustUnderstand="1"/>', "env:MustUnderstand"),
    ],
)
def test_nobody_gets_in_without_a_good_token(erp: Sandbox, header: str, code: str) -> None:
    assert ask(erp, PING, header).text("faultcode") == code


def test_a_token_opens_once(erp: Sandbox) -> None:
    one = token()

    assert ask(erp, PING, one).status == 200
    assert ask(erp, PING, one).text("faultstring") == "The nonce was used before."


@pytest.mark.parametrize(
    "before",
    [
        "<!DOCTYPE e [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>",
        "<!DOCTYPE e SYSTEM 'file:///etc/passwd'>",
    ],
)
def test_a_document_type_is_not_accepted(erp: Sandbox, before: str) -> None:
    assert ask(erp, PING, before=before).text("faultstring") == "A document type is not accepted."


def test_an_action_that_is_not_the_operations_is_refused(erp: Sandbox) -> None:
    assert ask(erp, PING, action="BookOrder").text("Code") == "WRONG_ACTION"


def test_a_user_may_do_what_he_was_granted_and_no_more(erp: Sandbox) -> None:
    auditor = token("password-of-an-auditor", user="auditor")

    assert ask(erp, ORDER.replace("REF", "K-auditor"), auditor).text("Code") == "FORBIDDEN"


def test_what_was_answered_outlives_kill_9_and_the_next_start_goes_on(tmp_path: Path) -> None:
    with kontor(tmp_path) as first:
        made = ask(first, ORDER.replace("REF", "K-1")).text("DocumentNo")
        first.kill()

    with kontor(tmp_path) as second:
        later = ask(second, ORDER.replace("REF", "K-2")).text("DocumentNo")

        assert [row["number"] for row in second.rows("SELECT number FROM orders ORDER BY number")] == [made, later]
