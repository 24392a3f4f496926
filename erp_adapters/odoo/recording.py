"""A door through which nothing is changed: what reads goes through, what would change something is written down.

So a preview is the submission itself, and says the same. Records that would have been made have the key 0.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from erp_adapters.odoo.door import Arguments, Door, Reply, Said
from sidecar.domain.documents import PreviewedRequest

_READS: Final = frozenset(
    {"search_read", "read", "get_metadata", "fields_get", "has_access", "formatted_read_group", "search_count"}
)
_MADE: Final[Mapping[str, Mapping[str, Any]]] = {
    "sale.order": {"name": "", "state": "draft", "amount_tax": 0, "amount_total": 0},
    "account.move": {"name": "", "state": "draft", "amount_tax": 0, "amount_total": 0},
    "stock.picking": {"name": "", "state": "draft"},
}
_AFTERWARDS: Final = {
    "action_confirm": "sale", "action_cancel": "cancel", "action_post": "posted", "button_validate": "done",
}  # fmt: skip
NOTES: Final = ("0 stands for the key of a record that Odoo has yet to make",)


class RecordingDoor(Door):
    """Beside a door; for one preview, in one thread."""

    def __init__(self, door: Door) -> None:  # the base class's connection is the other door's
        self._door = door
        self._states: dict[tuple[str, int], str] = {}
        self.requests: list[PreviewedRequest] = []

    def __repr__(self) -> str:
        return f"RecordingDoor({self._door!r})"

    def call(
        self, model: str, method: str, arguments: Arguments, ends_at: float, context: Arguments | None = None
    ) -> Reply:
        """Pass on what reads; write down all else, and answer as if it was done."""
        if method in _READS:
            return self._read(model, method, arguments, ends_at, context)
        self.requests.append(self._door.preview(model, method, arguments, context))
        if method in _AFTERWARDS:
            self._states |= {(model, key): _AFTERWARDS[method] for key in arguments["ids"]}
        return Said({"ids": [0]} if method == "load" else True, timedelta())

    def _read(self, model: str, method: str, arguments: Arguments, ends_at: float, context: Arguments | None) -> Reply:
        if _is_of_a_made_one(arguments):
            reply: Reply = Said([{"id": 0, "xmlids": [], **_MADE.get(model, {})}], timedelta())
        else:
            reply = self._door.call(model, method, arguments, ends_at, context)
        if not (isinstance(reply, Said) and self._states and method == "search_read"):
            return reply
        return Said([self._afterwards(model, record) for record in reply.value], reply.duration, reply.at)

    def _afterwards(self, model: str, record: Mapping[str, Any]) -> Mapping[str, Any]:
        state = self._states.get((model, record["id"]))
        return record if state is None else {**record, "state": state}


def _is_of_a_made_one(arguments: Arguments) -> bool:
    first = next(iter(arguments.get("domain", ())), None)
    return arguments.get("ids") == [0] or first in (["id", "=", 0], ["id", "in", [0]])
