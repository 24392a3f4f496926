"""Previews: what an ERP would be told, as a person asks to see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sidecar.domain.delivery import Reference
from sidecar.domain.documents import Document, Preview
from sidecar.domain.events import Event


class NumberedOrder(NamedTuple):
    """An order of Magento's and its number."""

    entity_id: int
    increment_id: str


@dataclass(frozen=True, slots=True)
class Told:
    """What would go out of an event: the document, under which name, and what its adapter makes of it.

    `notes` are sentences about how it came to this document.
    """

    event: Event
    document: Document
    ref: Reference
    preview: Preview
    notes: Sequence[str] = ()


class FiredRule(NamedTuple):
    """An entry of the mapping that holds for a document and is not a general one, and which layer names it."""

    entry: str
    value: str
    layer: str
