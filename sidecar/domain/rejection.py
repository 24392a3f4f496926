"""Which parked events the ERP has refused, or could not have taken: those that an order shows as rejected."""

from typing import Final

REFUSED: Final = "the ERP refused it"
UNREADABLE_THERE: Final = "the ERP cannot read it"
UNREADABLE_HERE: Final = "the event cannot be understood"

REASONS: Final = (REFUSED, UNREADABLE_THERE, UNREADABLE_HERE)
"""Reasons of `erp_delivery`. Other parked events wait for a decision of ours, not for one about the order."""
