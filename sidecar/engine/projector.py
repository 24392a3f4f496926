"""The projector: carries confirmed documents into Magento's own tables, one order per transaction.

It runs under a lease of its own, holds no row of ours while it touches Magento's, and never waits for a row that
a checkout or a refund's gateway call holds: such an order is simply tried again at the next turn.

An order in Magento carries one ERP number, so one destination acknowledges: the blueprint names it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sidecar.domain.errors import ConfigurationError, StorageError, StorageUnavailable
from sidecar.domain.events import DestinationName
from sidecar.domain.lifecycle import Acknowledgement, Lifecycle
from sidecar.domain.reconciliation import KnownDocument
from sidecar.ports import Clock, MagentoStore, Observer, ProjectionStore

PAGE: Final = 200


class Projector:
    """Writes acknowledgements back. Used by one thread."""

    def __init__(
        self,
        destination: DestinationName,
        lifecycle: Lifecycle,
        documents: ProjectionStore,
        magento: MagentoStore,
        clock: Clock,
        observer: Observer,
        trusted: Callable[[], bool],
    ) -> None:
        """`lifecycle` says what the destination's statuses mean, `trusted` whether the lease still holds."""
        self._destination, self._lifecycle = destination, lifecycle
        self._documents, self._magento = documents, magento
        self._clock, self._observer, self._trusted = clock, observer, trusted
        self._refusals: dict[int, str] = {}

    def turn(self) -> bool:
        """Project what is due while the lease is trusted; tells whether anything was written."""
        due = self._documents.unprojected(PAGE)
        states = self._magento.order_states([document.entity_id for document, _ in due]) if due else {}
        written = False
        for document, first in due:
            if not self._trusted():
                break
            if self._write(self._acknowledgement(document, states.get(document.entity_id, ""), first=first)):
                self._documents.mark_projected(document.entity_id, document.change)
                written = True
        return written

    def rest(self, seconds: float) -> None:
        """Sleep."""
        self._clock.sleep(seconds)

    def finish(self, grace: timedelta) -> None:
        """Every turn ends what it began."""

    def close(self) -> None:
        """Nothing is held."""

    def _acknowledgement(self, document: KnownDocument, state: str, *, first: bool) -> Acknowledgement:
        return Acknowledgement(
            destination=self._destination,
            entity_id=document.entity_id,
            erp_number=document.erp_number,
            erp_status=document.erp_status,
            change=document.change,
            comment=f"{self._destination} booked this order as {document.erp_number}." if first else None,
            status=self._lifecycle.status_for(document.erp_status, state),
            state=state,
        )

    def _write(self, acknowledgement: Acknowledgement) -> bool:
        key = acknowledgement.entity_id
        try:
            written = self._magento.acknowledge_order(acknowledgement)
        except StorageUnavailable:
            raise
        except (ConfigurationError, StorageError) as error:  # this order alone; it is tried again in its turn
            if self._refusals.get(key) == str(error):
                return False
            self._refusals[key] = str(error)
            self._observer.note(
                "order.acknowledgement_refused",
                destination=acknowledgement.destination,
                order=acknowledgement.entity_id,
                error=str(error),
                hint=error.hint,
            )
            return False
        if written:
            self._refusals.pop(key, None)
            self._observer.note(
                "order.acknowledged",
                destination=acknowledgement.destination,
                order=acknowledgement.entity_id,
                document=acknowledgement.erp_number,
            )
        return written
