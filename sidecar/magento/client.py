"""Magento's REST services over HTTP: one call each, never repeated here."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from sidecar.domain.delivery import Outcome
from sidecar.domain.documents import Health
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.inbound import DocumentRequest, InboundTrack, MagentoAnswer
from sidecar.magento.answers import Reading, a_yes, an_entity, an_id, judged, refusal
from sidecar.magento.bodies import (
    Json,
    encoded,
    invoice_body,
    refund_invoice_body,
    refund_order_body,
    ship_body,
    track_body,
)
from sidecar.transport import (
    Answer,
    Credential,
    HttpTransport,
    NoAnswer,
    Request,
    Secret,
    TransportTerms,
    Way,
    checked_base_url,
)

ORIGIN: Final = "erp"
"""What the module has to take our changes for, so that they are not sent back to the ERP."""
_HEADERS: Final = {"X-Erp-Sidecar-Origin": ORIGIN}
_NOBODY: Final = InboundTrack("", "", "")
_PROBE_SECONDS: Final = 10.0
_TERMS: Final = TransportTerms(keepalive=timedelta(seconds=3), connections=4)
"""Apache closes an idle connection after five seconds unless told otherwise."""

_CALLS: Final[tuple[tuple[str, str, Json], ...]] = (
    ("ship orders", "/order/0/ship", {}),
    ("add tracks", "/shipment/track", track_body(0, 0, _NOBODY)),
    ("invoice orders", "/order/0/invoice", {}),
    ("refund orders", "/order/0/refund", {}),
    ("refund invoices", "/invoice/0/refund", {}),
    ("cancel orders", "/orders/0/cancel", None),
)
"""Every service, asked about an entity that cannot exist: permissions are judged before it is looked for."""


class RestServices:
    """`MagentoServices` over REST as an integration whose access token comes as a bearer's; thread-safe.

    Paths have no store code: a document belongs to its order's store whatever the address says.
    """

    def __init__(self, base_url: str, token: Secret, *, host: str | None = None, way: Way | None = None) -> None:
        """Connect with the first call; raise ConfigurationError for an address or a token that must not be used."""
        try:
            checked_base_url(base_url)
        except ConfigurationError as error:
            raise ConfigurationError(f"magento.{error}", hint="correct base_url under [magento]") from None
        self._address = f"{base_url.rstrip('/')}/rest/V1"
        self._transport = HttpTransport(
            self._address,
            {**_HEADERS, **({} if host is None else {"Host": host})},
            _TERMS,
            credential=Credential("Authorization", token, "Bearer"),
            way=way,
        )

    def close(self) -> None:
        """Give connections back."""
        self._transport.close()

    def ship(self, order_id: int, request: DocumentRequest, deadline: float) -> MagentoAnswer:
        """POST /V1/order/:orderId/ship. Of more than is left, Magento ships what is left and says nothing."""
        return self._document(f"/order/{order_id}/ship", ship_body, request, deadline)

    def add_track(self, shipment_id: int, order_id: int, track: InboundTrack, deadline: float) -> MagentoAnswer:
        """POST /V1/shipment/track."""
        return self._call("/shipment/track", track_body(shipment_id, order_id, track), an_entity, deadline)

    def invoice(self, order_id: int, request: DocumentRequest, deadline: float) -> MagentoAnswer:
        """POST /V1/order/:orderId/invoice."""
        path = f"/order/{order_id}/invoice"
        return self._document(path, invoice_body, request, deadline, moves_money=request.capture)

    def refund_order(self, order_id: int, request: DocumentRequest, deadline: float) -> MagentoAnswer:
        """POST /V1/order/:orderId/refund: offline, no money moves. Without `shipping` none of it is given back."""
        return self._document(f"/order/{order_id}/refund", refund_order_body, request, deadline)

    def refund_invoice(self, invoice_id: int, request: DocumentRequest, deadline: float) -> MagentoAnswer:
        """POST /V1/invoice/:invoiceId/refund; Magento refuses it for invoices of offline payment methods."""
        path = f"/invoice/{invoice_id}/refund"
        return self._document(path, refund_invoice_body, request, deadline, moves_money=request.online)

    def cancel(self, order_id: int, deadline: float) -> MagentoAnswer:
        """POST /V1/orders/:id/cancel."""
        return self._call(f"/orders/{order_id}/cancel", None, a_yes, deadline)

    def ask(self, path: str, body: Json, deadline: float) -> Answer | NoAnswer:
        """POST to a service that makes no document; the answer as it is."""
        return self._post(path, body, deadline)

    def probe(self) -> Health:
        """Ask the module what it takes us for, and every service about an entity that is not there."""
        began_at = datetime.now(UTC)
        reply = self._transport.call(Request("GET", "/erp-sidecar/origin"), _PROBE_SECONDS)
        if isinstance(reply, NoAnswer):
            do = reply.hint or "correct magento.base_url"
            problem = f"Magento does not answer at {self._address} ({reply.reason}): {do}"
            return Health(reachable=False, problems=(problem,))
        skew = _skew(reply, began_at + reply.duration / 2)
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            problem = (
                f"Magento answers with HTTP {reply.status}, as in maintenance: run the doctor again when it is over"
            )
            return Health(reachable=True, clock_skew=skew, problems=(problem,))
        refused = [problem for call in _CALLS if (problem := self._refused(*call))]
        if len(refused) == len(_CALLS) and reply.status in _NOT_ALLOWED:
            return Health(reachable=True, clock_skew=skew, problems=(_ACCEPTS_NOTHING,))
        problems = [*_origin_problems(reply), *dict.fromkeys(refused)]
        return Health(reachable=True, product="Magento", clock_skew=skew, problems=tuple(problems))

    def _refused(self, what: str, path: str, body: Json) -> str:
        """What stands in the way of one service; '' where nothing does."""
        reply = self._post(path, body, _PROBE_SECONDS)
        if isinstance(reply, NoAnswer):
            return f"Magento does not answer POST {path} ({reply.reason}): run the doctor again"
        refused = refusal(reply)
        if reply.status in _NOT_ALLOWED:
            needs = (refused.resources if refused else "") or "this"
            return f"the sidecar may not {what}: allow its integration {needs} (System, Integrations, API)"
        if refused is None or reply.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
            return f"POST {path} was answered with HTTP {reply.status}: {_ELSEWHERE}"
        return ""

    def _document(
        self,
        path: str,
        body: Callable[[DocumentRequest], Json],
        request: DocumentRequest,
        deadline: float,
        *,
        moves_money: bool = False,
    ) -> MagentoAnswer:
        if not request.lines:
            return MagentoAnswer(Outcome.REJECTED_BUSINESS, words="no items: Magento would take that for all of them")
        return self._call(path, body(request), an_id, deadline, moves_money=moves_money)

    def _call(
        self, path: str, body: Json, read: Reading, deadline: float, *, moves_money: bool = False
    ) -> MagentoAnswer:
        return judged(self._post(path, body, deadline), read, moves_money=moves_money)

    def _post(self, path: str, body: Json, deadline: float) -> Answer | NoAnswer:
        content = None if body is None else encoded(body)
        headers = {} if content is None else {"Content-Type": "application/json"}
        return self._transport.call(Request("POST", path, content=content, headers=headers), deadline)


_NOT_ALLOWED: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_ELSEWHERE: Final = "look at magento.base_url and at what stands before Magento"
_ACCEPTS_NOTHING: Final = (
    "Magento accepts the sidecar's token for nothing: let it take an integration's token from a bearer"
    " (bin/magento config:set oauth/consumer/enable_integration_as_bearer 1, then cache:clean config),"
    " or put the integration's access token into the credential magento-token"
)


def _origin_problems(reply: Answer) -> list[str]:
    """What the module says of our changes."""
    if reply.status == HTTPStatus.NOT_FOUND and refusal(reply) is not None:
        return ["the module ErpSidecar_Outbox does not say what it takes our changes for: update it in Magento"]
    if reply.status in _NOT_ALLOWED:
        needs = (refused.resources if (refused := refusal(reply)) else "") or "it"
        return [f"the sidecar may not ask what its changes are taken for: allow its integration {needs}"]
    origin = reply.json()
    if reply.status != HTTPStatus.OK or not isinstance(origin, str):
        return [f"GET /erp-sidecar/origin was answered with HTTP {reply.status}: {_ELSEWHERE}"]
    if origin != ORIGIN:
        words = f"what the sidecar changes in Magento would be sent back to the ERP, its origin is {origin!r}"
        return [f"{words}: use the token of an integration, not of a person"]
    return []


def _skew(reply: Answer, at: datetime) -> timedelta | None:
    """How far Magento's clock is ahead of ours, to the second that HTTP tells."""
    try:
        told = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)) - at
