"""Errors, named by what happens next.

Every error carries a `hint`: what a person types or changes to get on. The daemon maps the branches:
configuration and schema errors end the process with exit 78 (systemd does not restart it), storage errors
back off or run again, delivery errors decide the fate of one event only.
"""

from datetime import timedelta


class SidecarError(Exception):
    """Something this product knows how to explain."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigurationError(SidecarError):
    """A setting or the blueprint is wrong; a restart would not help (exit 78)."""


class IdentityError(ConfigurationError):
    """The database went back in time, moved, or is a copy; nothing is relayed until a person has said so (exit 78)."""


class NotDeclarable(SidecarError):
    """What a person declared does not fit what is there; nothing was changed."""


class SchemaError(SidecarError):
    """The database lacks a table, column or grant that the sidecar needs (exit 78)."""


class StorageError(SidecarError):
    """The database did not do what was asked."""


class StorageUnavailable(StorageError):
    """The connection failed; forget what is in memory, back off, load again."""


class TransactionConflict(StorageError):
    """A deadlock or lock time-out undid the transaction; run it again."""


class LeaseLost(StorageError):
    """Another process owns the destination now; write nothing and forget what is in memory."""


class MalformedEvent(SidecarError):
    """An event cannot be understood; its lane is parked with this message, the others go on."""


class NotPossible(SidecarError):
    """What a person asked for does not fit how things stand; nothing was changed."""


class DeliveryError(SidecarError):
    """A call to an ERP did not end in an answer that can be used."""


class Retryable(DeliveryError):
    """Nothing was done at the ERP; the same call may be made later."""

    def __init__(self, message: str, *, hint: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ErpUnavailable(Retryable):
    """The ERP could not be reached, or said that it is down."""


class ErpThrottled(Retryable):
    """The ERP said that we call too often."""


class Rejected(DeliveryError):
    """The ERP refused; a person decides."""


class IncompleteSnapshot(SidecarError):
    """A reading of an ERP's stock is not whole; nothing of it is used."""


class InboundError(SidecarError):
    """An ERP's document does not become Magento's now."""


class Unfit(InboundError):
    """It does not fit the order; a person decides. `{id}` in the hint stands for the document's number."""


class NotYet(InboundError):
    """Something has to happen first; it is tried again by itself."""


class AlreadyThere(InboundError):
    """Magento needs nothing more; the message says why."""
