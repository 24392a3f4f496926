"""Asking: operations that read, whose replies are data, or an error that says what a person can do."""

from collections.abc import Mapping, Sequence

from erp_adapters.mapping import CONSTANTS, MappingError, Rules
from erp_adapters.soap.answers import is_absent, refusal
from erp_adapters.soap.door import Door, Reply
from erp_adapters.soap.messages import arguments_of
from erp_adapters.soap.profile import Called, Profile, Read, Search
from sidecar.domain.delivery import ErpId, Outcome
from sidecar.domain.errors import ErpThrottled, ErpUnavailable, Retryable
from sidecar.transport import NoAnswer


class AbsentError(Retryable):
    """The ERP has no such document or work."""


class Asking:
    """Asks one ERP; deadlines are instants of the monotonic clock."""

    def __init__(self, profile: Profile, door: Door, rules: Rules) -> None:
        """Ask through this door, with what the blueprint says for all documents."""
        self._profile, self._door, self._rules = profile, door, rules

    def reply(self, called: Called, scope: Mapping[str, object], ends_at: float) -> Reply | NoAnswer:
        """Whatever comes back; raise MappingError where the template or the contract does not allow the question."""
        told = {**scope, CONSTANTS: self._rules.constants}
        arguments, headers = arguments_of(called, told, self._rules.code_maps)
        return self._door.ask(called.operation, arguments, ends_at, headers)

    def answer(self, called: Called, scope: Mapping[str, object], ends_at: float) -> Reply:
        """A reply with data; raise Retryable for anything else, and AbsentError where the ERP has no such thing."""
        product = self._profile.product
        try:
            reply = self.reply(called, scope, ends_at)
        except MappingError as error:
            raise Retryable(f"{called.operation} of {product} cannot be asked so: {error}", hint=error.hint) from error
        if isinstance(reply, NoAnswer):
            raise ErpUnavailable(f"{product} did not answer {called.operation}: {reply.reason}", hint=reply.hint)
        if reply.fault is None and not reply.problem:
            return reply
        if is_absent(self._profile, reply):
            raise AbsentError(f"{product} has no such thing: {called.operation}", hint="look for it in the ERP")
        result = refusal(self._profile, reply)
        code = reply.fault.code if reply.fault is not None else ""
        sentence = f"{product} answered {called.operation} with {reply.status} {code}".strip()  # no words: it is logged
        match result.outcome:
            case Outcome.RETRY_LATER:
                raise ErpThrottled(sentence, retry_after=reply.wait)
            case Outcome.UNKNOWN:
                raise ErpUnavailable(sentence, retry_after=reply.wait)
            case _:
                raise Retryable(sentence, hint=result.hint or "run `erp-sidecar doctor`", retry_after=reply.wait)

    def documents(self, search: Search, references: Sequence[str], ends_at: float) -> object:
        """The reply to a search by these references."""
        return self.answer(search, {"references": list(references)}, ends_at).data

    def document(self, read: Read, erp_id: ErpId, ends_at: float) -> object:
        """The reply to the reading of a document; None where the ERP has none."""
        try:
            return self.answer(read, {"id": erp_id}, ends_at).data
        except AbsentError:
            return None

    def unexpected(self, called: Called, what: str) -> Retryable:
        """The error of a reply that does not suit the profile."""
        sentence = f"{self._profile.product} answered {called.operation} with what the profile does not expect: {what}"
        return Retryable(sentence, hint="compare the profile with the ERP's WSDL")
