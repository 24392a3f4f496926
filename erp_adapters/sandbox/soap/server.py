"""Kontor on a socket: POST /soap for programs, GET /soap?wsdl for the contract, /_control for tests."""

from dataclasses import dataclass
from http import HTTPStatus

from lxml import etree

from erp_adapters.sandbox.answers import Answer, RefusedError
from erp_adapters.sandbox.caller import Caller
from erp_adapters.sandbox.erp import Erp
from erp_adapters.sandbox.server import Handler, Server
from erp_adapters.sandbox.soap.contract import SERVICE, WSDL, Contract, UnreadableError
from erp_adapters.sandbox.soap.envelope import (
    SOAP_11,
    SOAP_12,
    Envelope,
    FaultError,
    Reason,
    content_type,
    fault,
    written,
)
from erp_adapters.sandbox.soap.forms import request_for
from erp_adapters.sandbox.soap.papers import paper_for
from erp_adapters.sandbox.soap.security import Gate

_MEDIA = {"text/xml": SOAP_11, "application/soap+xml": SOAP_12}
_BY_THE_RULES_OF_BUSINESS = HTTPStatus.UNPROCESSABLE_ENTITY
_GATEWAY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True)
class Sheet(Answer):
    """An answer that is bytes already."""

    content: bytes = b""
    media: str = "text/html"


class SoapServer(Server):
    """Listens; what it is asked goes to the departments of the sandbox ERP."""

    def __init__(self, address: tuple[str, int], erp: Erp, gate: Gate) -> None:
        """Listen on the address; port 0 takes a free one."""
        super().__init__(address, erp, SoapHandler)
        self.gate, self.contract = gate, Contract.read()


class SoapHandler(Handler):
    """Opens envelopes, and puts answers into them."""

    server: SoapServer
    server_version = "Kontor/3.2"

    def _answer(self) -> Answer | None:
        path, _, query = self.path.partition("?")
        if path.startswith("/_control/"):
            return super()._answer()
        body = self._read_body()
        if path != "/soap":
            return Sheet(404, {}, content=b"<html>There is nothing here.</html>")
        if self.command == "GET":
            return self._contract_file(query)
        soap = _MEDIA.get(self.headers.get_content_type())
        if self.command != "POST" or soap is None:
            return Sheet(415, {}, content=b"<html>This is a web service; it takes XML by POST.</html>")
        try:
            return self._served(soap, body)
        except UnreadableError as wrong:
            return self._fault(soap, Reason("INVALID_MESSAGE", str(wrong)))
        except FaultError as refused:
            return self._fault(soap, refused.reason)

    def _served(self, soap: str, content: bytes) -> Answer | None:
        envelope = Envelope.read(content)
        if envelope.soap != soap:
            raise FaultError(Reason("VersionMismatch", "The content type is that of another version of SOAP."))
        user = self.server.gate.admit(envelope.header, self.headers.get("Authorization", ""))
        asked, operation = envelope.asked, etree.QName(envelope.asked).localname
        if etree.QName(asked).namespace != SERVICE or operation not in self.server.contract.operations:
            raise FaultError(Reason("UNKNOWN_OPERATION", f"There is no operation {operation}."))
        self._check_action(soap, operation)
        wrong = self.server.contract.faults_of(asked)
        if wrong:
            fields = [("", words) for words in wrong[:20]]
            reason = Reason("SCHEMA_VIOLATION", f"The request has {len(wrong)} fault(s): {wrong[0]}", fields=fields)
            raise FaultError(reason)
        request = request_for(operation, asked, user)
        answer = self.server.erp.answer(request, Caller(self.connection, self.server.stopping))
        return None if answer is None else self._written(soap, operation, answer, asked)

    def _written(self, soap: str, operation: str, answer: Answer, asked: etree._Element) -> Answer:
        if answer.status in _GATEWAY:
            return Sheet(answer.status, {}, answer.headers, b"<html>The service is busy.</html>")
        refusal = answer.body.get("error") if not answer.succeeded else None
        if refusal and answer.status != _BY_THE_RULES_OF_BUSINESS:
            fields = [(one["path"], one["message"]) for one in refusal["details"]]
            reason = Reason(
                refusal["code"],
                refusal["message"],
                security="wsse:FailedAuthentication" if answer.status == HTTPStatus.UNAUTHORIZED else "",
                is_ours=answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR,
                number=refusal.get("number"),
                fields=fields,
            )
            return self._fault(soap, reason)
        content = written(soap, paper_for(operation, answer, asked))
        return Sheet(200, {}, answer.headers, content, content_type(soap))

    def _fault(self, soap: str, reason: Reason) -> Answer:
        if not reason.is_ours:
            self.server.erp.refuse(RefusedError(400, reason.code, reason.text))
        return Sheet(reason.status, {}, {}, fault(soap, reason), content_type(soap))

    def _check_action(self, soap: str, operation: str) -> None:
        given = self.headers.get("SOAPAction", "") if soap == SOAP_11 else str(self.headers.get_param("action") or "")
        if given.strip('"') not in (f"{SERVICE}:{operation}", *[""] * (soap == SOAP_12)):
            raise FaultError(Reason("WRONG_ACTION", f"The action {given} is not that of {operation}."))

    def _contract_file(self, query: str) -> Answer:
        name = WSDL if query.lower() == "wsdl" else query.removeprefix("xsd=")
        content = self.server.contract.file(name)
        if content is None:
            return Sheet(404, {}, content=b"<html>There is nothing here.</html>")
        return Sheet(200, {}, {}, content, "text/xml; charset=utf-8")

    def _send(self, answer: Answer) -> None:
        if isinstance(answer, Sheet):
            self._send_content(answer, answer.content, answer.media)
        else:
            super()._send(answer)
