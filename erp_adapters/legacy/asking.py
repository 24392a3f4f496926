"""Asking: reads of an ERP whose answers are JSON, or an error that says what a person can do."""

from collections.abc import Sequence
from http import HTTPStatus
from time import monotonic
from urllib.parse import quote

from erp_adapters.legacy.profile import Read, Search
from erp_adapters.profiled.following import Query
from sidecar.domain.delivery import ErpId
from sidecar.domain.errors import ErpThrottled, ErpUnavailable, Retryable
from sidecar.transport import Answer, HttpTransport, NoAnswer, Request, retry_after


class NotFoundError(Retryable):
    """The ERP knows no such path or document."""


class Asking:
    """Asks one ERP; deadlines are instants of the monotonic clock."""

    def __init__(self, product: str, transport: HttpTransport) -> None:
        """Ask through this transport; the product's name is for the sentences."""
        self._product, self._transport = product, transport

    def documents(self, search: Search, references: Sequence[str], ends_at: float) -> object:
        """The answer to a search by these references."""
        return self.get(search.path, tuple((search.parameter, reference) for reference in references), ends_at)

    def document(self, read: Read, erp_id: ErpId, ends_at: float) -> object:
        """The answer to the reading of a document; None where the ERP has none."""
        try:
            return self.get(read.path.replace("{id}", quote(erp_id, safe="")), (), ends_at)
        except NotFoundError:
            return None

    def unexpected(self, called: Search | Read, what: str) -> Retryable:
        """The error of an answer that does not suit the profile."""
        return self.unreadable(called.path, what)

    def get(self, path: str, query: Query, ends_at: float) -> object:
        """The body of a 200; raise Retryable for anything else."""
        return self.answer(path, query, ends_at).json()

    def answer(self, path: str, query: Query, ends_at: float) -> Answer:
        """The answer of a 200 whose body is JSON; raise Retryable for anything else."""
        reply = self._transport.call(Request("GET", path, query), ends_at - monotonic())
        if isinstance(reply, NoAnswer):
            raise ErpUnavailable(f"{self._product} did not answer GET {path}: {reply.reason}")
        if reply.status != HTTPStatus.OK:
            wait = retry_after(reply.headers)
            sentence = f"{self._product} answered GET {path} with {reply.status}"  # no words: this is logged
            match reply.status:
                case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
                    raise NotFoundError(sentence, hint="check base_url and the profile's paths")
                case HTTPStatus.TOO_MANY_REQUESTS:
                    raise ErpThrottled(sentence, retry_after=wait)
                case status if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise ErpUnavailable(sentence, retry_after=wait)
                case _:
                    raise Retryable(sentence, hint="run `erp-sidecar doctor`", retry_after=wait)
        if not isinstance(reply.json(), dict | list):
            raise self.unreadable(path, "the body is not JSON")
        return reply

    def unreadable(self, path: str, what: str) -> Retryable:
        """The error of an answer that does not suit the profile."""
        sentence = f"{self._product} answered GET {path} with what the profile does not expect: {what}"
        return Retryable(sentence, hint="compare the profile with the ERP's interface")
