"""The form of a lifecycle map in the blueprint.

    lifecycle:
      first: [open]                                   # statuses that an order may be created in
      statuses:
        open: {means: accepted, shows: {new: erp_accepted}, next: [posted, cancelled]}
        ...
      absent: [credit_hold, ...]                      # meanings that this ERP never has
      rejection: {shows: {new: erp_rejected}}         # while it refuses an order

There is no shorter form: a table of what is shown, alone, could not be proved complete.
"""

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from sidecar.blueprint.ground import Part, Text
from sidecar.configuration import invalid, listed, shown
from sidecar.domain.lifecycle import ErpStatus, Lifecycle, Meaning, Rejection
from sidecar.domain.release import NEVER_RELEASED

STATUS_LIMIT: Final = 32
REJECTED: Final = "erp_rejected"
"""The status that Magento's module creates for an order that the ERP refuses."""

State = Literal["new", "pending_payment", "payment_review", "processing", "complete", "closed", "canceled", "holded"]


def _status(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid(shown(value), "an order status of Magento")
    if len(value) > STATUS_LIMIT:
        raise invalid(f"{value!r} with {len(value)} characters", f"up to {STATUS_LIMIT}, or Magento cuts it off")
    if value in NEVER_RELEASED:
        raise invalid(repr(value), "a status that later changes may leave: none of " + listed(sorted(NEVER_RELEASED)))
    return value


Shows = dict[State, Annotated[str, BeforeValidator(_status)]]
Flag = Annotated[bool, Field(strict=True)]


class ErpStatusPart(Part):
    """One status of the ERP."""

    means: Meaning = Field(description=listed(Meaning))
    shows: Shows = Field(default_factory=dict, description="a table {state of Magento: status of Magento}")
    next: tuple[Text, ...] = Field(default=(), description="a list of the ERP's statuses that may follow")
    holds: Flag = Field(default=False, description="true, false")
    irreversible: Flag = Field(default=False, description="true, false")


class RejectionPart(Part):
    """What Magento shows while the ERP refuses an order."""

    shows: Shows = Field(
        default={"new": REJECTED, "processing": REJECTED, "complete": REJECTED},
        description="a table {state of Magento: status of Magento}",
    )
    visible_to_shopper: Flag = Field(default=False, description="true, false")
    prefix: Text = Field(default=Rejection().prefix, description="the words before the ERP's own")


class LifecyclePart(Part):
    """What the ERP's statuses mean, and which may follow which."""

    first: tuple[Text, ...] = Field(default=(), description="a list of the ERP's statuses that an order may begin in")
    statuses: dict[Text, ErpStatusPart] = Field(
        default_factory=dict, description="a table for each status of the ERP, with means, shows and next"
    )
    absent: frozenset[Meaning] = Field(default=frozenset(), description="a list of " + listed(Meaning))
    rejection: RejectionPart = Field(
        default=RejectionPart(), description="a table with shows, visible_to_shopper and prefix"
    )

    def map(self) -> Lifecycle:
        """The same in the words of the domain."""
        statuses = {
            name: ErpStatus(part.means, _plain(part.shows), part.next, part.holds, part.irreversible)
            for name, part in self.statuses.items()
        }
        said = self.rejection
        rejection = Rejection(_plain(said.shows), said.visible_to_shopper, said.prefix)
        return Lifecycle(statuses, self.first, rejection)


def _plain(shows: Shows) -> dict[str, str]:
    return dict(shows.items())
