"""Acknowledgements: what an ERP has told and refused of an order, how Magento shows it, and what is to be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Shown:
    """An order as Magento's own rows show it now.

    `grid` is the order list's copy of status and number; None where there is no row. `lines` are the ERP's lines by
    item id, for items that were asked for.
    """

    entity_id: int
    state: str
    status: str | None
    number: str | None
    held_state: str | None = None
    held_status: str | None = None
    grid: tuple[str | None, str | None] | None = None
    lines: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What the ERP has told of an order, and what of it Magento was brought up to.

    `told_at` is when it told the last of it, `projected_at` when Magento was last brought up to it. The `shown_` values
    are Magento's as the projector left them, None before it did; `status_before` is what it replaced last. `is_held`:
    the order is on hold because the ERP has stopped it.
    """

    entity_id: int
    erp_number: str
    erp_status: str
    change: int
    told_at: datetime
    lines: Mapping[str, str] = field(default_factory=dict)
    projected_change: int = 0
    projected_at: datetime | None = None
    projected_status: str | None = None
    shown_number: str | None = None
    shown_state: str | None = None
    shown_status: str | None = None
    status_before: str | None = None
    is_held: bool = False

    @property
    def is_first(self) -> bool:
        """Tell whether Magento was never told of it."""
        return self.projected_change == 0

    @property
    def has_news(self) -> bool:
        """Tell whether there is a status that Magento was not told yet."""
        return self.is_first or self.projected_status != self.erp_status


@dataclass(frozen=True, slots=True)
class Refused:
    """An event of an order that the ERP refuses, or refused until `outcome` came of it.

    `status_before` is what Magento showed before it said so. `is_news`: Magento was not told yet, since `told_at`.
    `known_at` is when the last was told of any event of the order that was refused.
    """

    outbox_id: int
    entity_id: int
    words: str
    hint: str
    told_at: datetime
    status_before: str | None = None
    outcome: str | None = None
    is_news: bool = True
    known_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the ERP still refuses it."""
        return self.outcome is None


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is known of one order at a destination; `number` is how Magento is to show the ERP's."""

    destination: str
    entity_id: int
    told: Told | None = None
    refused: Refused | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Statuses:
    """Magento's own table of statuses: which may stand in which state, and each state's default."""

    pairs: frozenset[tuple[str, str]]
    defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comment:
    """A line of the order's history, written once for the change that was told at `since`."""

    text: str
    since: datetime
    is_visible: bool = False


@dataclass(frozen=True, slots=True)
class Projection:
    """What an order shall look like, to be written only while it looks as `before`.

    `overwritten` names what somebody else had written over; `is_held` is whose hold it is then.
    """

    before: Shown
    after: Shown
    change: int | None = None
    comments: tuple[Comment, ...] = ()
    overwritten: tuple[str, ...] = ()
    is_held: bool = False

    @property
    def changes_order(self) -> bool:
        """Tell whether the order's own row is written."""
        return replace(self.before, grid=None, lines={}) != replace(self.after, grid=None, lines={})

    @property
    def changes_hold(self) -> bool:
        """Tell whether the order goes on hold or off it."""
        return self.before.state != self.after.state

    @property
    def changes_grid(self) -> bool:
        """Tell whether the order list's row is written."""
        return self.before.grid != self.after.grid

    @property
    def changed_lines(self) -> Mapping[str, str]:
        """The ERP's lines that are written, by item id."""
        return {ref: line for ref, line in self.after.lines.items() if line and self.before.lines.get(ref) != line}

    @property
    def is_empty(self) -> bool:
        """Tell whether Magento shows it all."""
        return self.before == self.after and not self.comments


class Written(StrEnum):
    """What became of it. GONE: so is the order; BUSY: somebody holds its rows; MOVED: it is not as it was read."""

    DONE = "done"
    GONE = "gone"
    BUSY = "busy"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Trace:
    """Who wrote an order last, in words that name no person; `by_a_person`: somebody at the admin's desk."""

    words: str
    by_a_person: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """How an order was left, and up to which news."""

    truth: Truth
    projection: Projection
    overwritten_by: str = ""
