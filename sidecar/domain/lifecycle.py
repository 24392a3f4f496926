"""The lifecycle map: what an ERP's status means for an order in Magento."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Per ERP status, the Magento status to show in each Magento state; what is not named stays as it is."""

    statuses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def status_for(self, erp_status: str, state: str) -> str | None:
        """The status inside `state` that says what the ERP said, or None to leave it alone."""
        return self.statuses.get(erp_status, {}).get(state)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The receipt to be written back to one order in Magento.

    `status` None leaves the status alone; otherwise it is written only while the order is in `state`.
    """

    destination: str
    entity_id: int
    erp_number: str
    erp_status: str
    revision: int
    comment: str | None
    status: str | None = None
    state: str | None = None
