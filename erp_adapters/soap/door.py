"""The door to a SOAP ERP: envelopes over our own transport, with the deadlines, TLS and certainties of all adapters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from time import monotonic

from lxml import etree

from erp_adapters.soap.faults import SECURITY, SoapFault
from erp_adapters.soap.replies import EMPTY, UnreadableError, content_hash
from erp_adapters.soap.security import HeaderProof
from erp_adapters.soap.wsdl import Contract
from sidecar.domain.documents import PreviewedRequest
from sidecar.domain.errors import ConfigurationError, Retryable
from sidecar.transport import Answer, HttpTransport, NoAnswer, Request, retry_after


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: data, a fault, nothing at all (`empty`), or something that cannot be read (`problem`)."""

    status: int
    wait: timedelta | None
    duration: timedelta
    data: object = field(default=None, repr=False)
    fault: SoapFault | None = field(default=None, repr=False)
    empty: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """One ERP's operations. Thread-safe."""

    transport: HttpTransport
    contract: Contract
    proof: HeaderProof | None = None

    def ask(
        self, operation: str, arguments: Mapping[str, object], ends_at: float, headers: object = None
    ) -> Reply | NoAnswer:
        """Call an operation before `ends_at` of the monotonic clock; raise MappingError for what cannot be written.

        A password that was refused is read again, and where there is another the call is made once more: a refused
        message was not accepted, so nothing was done.
        """
        reply = self._asked(operation, arguments, ends_at, headers)
        if self.proof is None or isinstance(reply, NoAnswer) or not _is_refused(reply) or not self.proof.read_again():
            return reply
        return self._asked(operation, arguments, ends_at, headers)

    def shown(self, operation: str, arguments: Mapping[str, object], headers: object = None) -> PreviewedRequest:
        """The request as `ask` would send it, its secrets left out. Raises Retryable where they cannot be used."""
        envelope = self.contract.envelope(operation, arguments, headers)
        try:
            if self.proof is not None:
                self.proof.put_into(envelope, self.contract.soap, shown=True)
        except ConfigurationError as error:
            raise Retryable(str(error), hint=error.hint) from error
        etree.indent(envelope)
        body = etree.tostring(envelope, encoding="unicode", pretty_print=True)
        address = self.transport.address(Request("POST", ""))
        return PreviewedRequest("POST", address, self.contract.action(operation), body)

    def served(self, query: str, ends_at: float) -> str | None:
        """A hash of the WSDL that the ERP serves, whatever its layout and comments; None where it gives none."""
        answer = self.transport.call(Request("GET", f"?{query}"), ends_at - monotonic())
        return content_hash(answer.content) if isinstance(answer, Answer) and answer.status == HTTPStatus.OK else None

    def close(self) -> None:
        """Close every connection."""
        self.transport.close()

    def _asked(
        self, operation: str, arguments: Mapping[str, object], ends_at: float, headers: object
    ) -> Reply | NoAnswer:
        envelope = self.contract.envelope(operation, arguments, headers)
        try:
            if self.proof is not None:
                self.proof.put_into(envelope, self.contract.soap)
        except ConfigurationError as error:
            return NoAnswer(sent=False, reason=str(error), duration=timedelta(), hint=error.hint)
        content = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        request = Request("POST", "", content=content, headers=self.contract.action(operation))
        answer = self.transport.call(request, ends_at - monotonic())
        return answer if isinstance(answer, NoAnswer) else self._read(operation, answer)

    def _read(self, operation: str, answer: Answer) -> Reply:
        told = answer.status, retry_after(answer.headers), answer.duration
        if not answer.content.strip():
            return Reply(*told, empty=answer.status in EMPTY, problem="an answer without content")
        content = answer.content if self.proof is None else self.proof.hidden_in(answer.content)
        try:
            data = self.contract.reply(operation, content, answer.headers.get("content-type", ""))
        except UnreadableError as error:
            return Reply(*told, problem=str(error))
        if isinstance(data, SoapFault):
            return Reply(*told, fault=data)
        if answer.status != HTTPStatus.OK:
            return Reply(*told, problem=f"a reply that is no fault, with {answer.status}")
        return Reply(*told, data=data)


def _is_refused(reply: Reply) -> bool:
    if reply.fault is None:
        return reply.status == HTTPStatus.UNAUTHORIZED
    return not SECURITY.isdisjoint((reply.fault.code, *reply.fault.subcodes))
