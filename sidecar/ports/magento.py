"""Magento's own services: what makes shipments, invoices, credit memos and cancellations the way the shop does."""

from typing import Protocol

from sidecar.domain.documents import Health
from sidecar.domain.inbound import DocumentRequest, InboundTrack, MagentoAnswer


class MagentoServices(Protocol):
    """Magento's REST services. Thread-safe. None of these calls is idempotent, and none raises for what Magento did.

    Deadlines are seconds that a call may take in all. Item quantities are those of Magento's order items. A request
    without items is refused before it is sent, because Magento would take it for all of them: a refund of shipping or
    of an adjustment alone names an item with quantity 0.
    """

    def ship(self, order_id: int, request: DocumentRequest, deadline: float) -> MagentoAnswer:
        """POST /V1/order/:orderId/ship."""
        ...

    def add_track(self, shipment_id: int, order_id: int, track: InboundTrack, deadline: float) -> MagentoAnswer:
        """POST /V1/shipment/track."""
        ...

    def invoice(self, order_id: int, request: DocumentRequest, deadline: float) -> MagentoAnswer:
        """POST /V1/order/:orderId/invoice; `capture` is sent as it is said, never left to a default."""
        ...

    def refund_order(self, order_id: int, request: DocumentRequest, deadline: float) -> MagentoAnswer:
        """POST /V1/order/:orderId/refund: offline, no money moves."""
        ...

    def refund_invoice(self, invoice_id: int, request: DocumentRequest, deadline: float) -> MagentoAnswer:
        """POST /V1/invoice/:invoiceId/refund; with `online` the gateway gives the money back."""
        ...

    def cancel(self, order_id: int, deadline: float) -> MagentoAnswer:
        """POST /V1/orders/:id/cancel; Magento's `false` is REJECTED_BUSINESS."""
        ...

    def probe(self) -> Health:
        """Ask who we are and whether we may do all of the above; changes nothing."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
