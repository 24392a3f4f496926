"""What a person may declare about a database that is not the one it was, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sidecar.domain.delivery import Receipt
from sidecar.domain.events import DestinationName
from sidecar.domain.identity import Instance, StreamMark
from sidecar.domain.naming import Epoch
from sidecar.domain.reconciliation import Finding


class Claim(StrEnum):
    """What a person says has happened."""

    RESTORED = "restored"
    PROMOTED = "promoted"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What one destination has not finished, by the database's word."""

    destination: DestinationName
    events: int
    windows: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """What would be written, and the same in sentences; `until` is the instant that parts old from new."""

    claim: Claim
    instance: Instance
    epoch: Epoch | None
    until: datetime | None
    streams: Mapping[str, StreamMark]
    kept_out: tuple[Receipt, ...] = ()
    findings: tuple[Finding, ...] = ()
    steps: tuple[str, ...] = ()
