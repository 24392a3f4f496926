"""Writing to Odoo: loads under external identifiers, and what has to be known before one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from erp_adapters.mapping import MappingError
from erp_adapters.odoo.answers import loaded, refusal_of
from erp_adapters.odoo.books import Books
from erp_adapters.odoo.contacts import COLUMNS, Contacts
from erp_adapters.odoo.door import Door
from sidecar.domain.delivery import MissingEntry, Outcome, Result

CREATE_ONLY: Final = {"mode": "update", "noupdate": True}
_ATTEMPTS: Final = 3
_MISSING_PRODUCT: Final = "give one product, and only one, this internal reference in Odoo, then retry the event"


@dataclass(frozen=True, slots=True)
class Writing:
    """What every effect is made with."""

    door: Door
    books: Books

    def load(
        self,
        model: str,
        names: Sequence[str],
        rows: Sequence[Sequence[str]],
        ends_at: float,
        *,
        create_only: bool = False,
    ) -> list[int] | Result:
        """The keys of the records, or what the answer means; `create_only` leaves alone what is there already."""
        context = CREATE_ONLY if create_only else {}
        reply = self.door.call(
            model, "load", {"fields": list(names), "data": [list(row) for row in rows]}, ends_at, context
        )
        return loaded(reply, "create" if create_only else "change")

    def act(self, model: str, method: str, keys: Sequence[int], ends_at: float, operation: str) -> Result | None:
        """Let records do something; None when they did."""
        return refusal_of(self.door.call(model, method, {"ids": list(keys)}, ends_at), operation)

    def products(self, references: Iterable[str], ends_at: float) -> dict[str, int]:
        """The key of each product; raise MappingError where Odoo has none, or several, of an internal reference."""
        wanted = list(references)
        found: dict[str, list[int]] = {}
        domain = [["default_code", "in", wanted]]
        for record in self.books.search("product.product", domain, ("default_code",), ends_at):
            found.setdefault(str(record["default_code"]), []).append(record["id"])
        for product in wanted:
            keys = found.get(product, [])
            if len(keys) != 1:
                sentence = f"Odoo has {len(keys) or 'no'} products of internal reference {product!r}"
                missing = None if keys else MissingEntry("skus", product)
                raise MappingError("lines", sentence, hint=_MISSING_PRODUCT, missing=missing)
        return {product: keys[0] for product, keys in found.items()}

    def make_contacts(self, contacts: Contacts, ends_at: float) -> Result | None:
        """Make the contacts that are not there. Nothing of the effect has been sent yet: not to know is NOT_SENT."""
        rows = contacts.table(self.states(contacts.regions, ends_at))
        for _ in range(_ATTEMPTS):  # two orders of one customer at once: the other one has made the contact
            keys = self.load("res.partner", COLUMNS, rows, ends_at, create_only=True)
            if not isinstance(keys, Result) or keys.outcome is not Outcome.RETRY_LATER or keys.retry_after is not None:
                break
        if isinstance(keys, Result) and keys.outcome is Outcome.UNKNOWN:
            return Result(Outcome.NOT_SENT, messages=keys.messages, hint=keys.hint, evidence=keys.evidence)
        return keys if isinstance(keys, Result) else None

    def states(self, regions: Iterable[tuple[str, str]], ends_at: float) -> Mapping[tuple[str, str], int]:
        """The keys of regions, by country and name or code, of those that Odoo knows."""
        states = {}
        for country, region in sorted(regions):
            domain = [["country_id.code", "=", country], "|", ["name", "=ilike", region], ["code", "=ilike", region]]
            found = self.books.search("res.country.state", domain, ("name",), ends_at)
            if len(found) == 1:
                states[country, region] = found[0]["id"]
        return states
