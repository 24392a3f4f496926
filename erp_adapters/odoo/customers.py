"""Customers as contacts: made once, the same that their orders name, and written over only by a newer revision.

Our reference and the revision stand in one field of the contact (`customer_field`), which is nobody else's. Where
Magento knows nothing of a field, what people in Odoo have entered stays. A changed address is another contact below, as
it is for orders: what an old order shows does not move with the customer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from erp_adapters.mapping import CodeMaps, RuleBook, scope_of
from erp_adapters.odoo.answers import in_doubt, refused
from erp_adapters.odoo.books import BATCH
from erp_adapters.odoo.contacts import COLUMNS, PLACE, address_row, cell, place_of
from erp_adapters.odoo.names import customer_name, reference_of
from erp_adapters.odoo.reading import Record, text
from erp_adapters.odoo.terms import LANGUAGES, OdooTerms
from erp_adapters.odoo.writing import Writing
from sidecar.domain.customer import Customer, CustomerAddress
from sidecar.domain.delivery import ErpId, Evidence, Found, Outcome, Presence, Reference, Result, Snapshot
from sidecar.domain.documents import CustomerDocument
from sidecar.domain.errors import Retryable

PARTNERS: Final = "res.partner"
_STAMP: Final = re.compile(r"(\S+) r(\d{1,18}) (\S+)")
_EVEN_ARCHIVED: Final = {"active_test": False}
_TAKEN: Final = "name a field of the contact that is free as odoo.customer_field in the blueprint, then retry the event"


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A contact of ours in Odoo."""

    key: int
    stamp: str
    active: bool

    @property
    def reference(self) -> str:
        """Our reference; empty where the field holds something else."""
        stamped = _STAMP.fullmatch(self.stamp)
        return stamped[1] if stamped else ""

    @property
    def revision(self) -> int | None:
        """The revision that was written last; None where nobody has, or somebody has edited it."""
        stamped = _STAMP.fullmatch(self.stamp)
        return int(stamped[2]) if stamped else None

    @property
    def erp_id(self) -> ErpId:
        """As Odoo itself writes a record of any model."""
        return ErpId(f"{PARTNERS},{self.key}")

    @property
    def status(self) -> str:
        """In Odoo's words."""
        return "active" if self.active else "archived"

    def snapshot(self) -> Snapshot:
        """The contact in our words, without what a person is called."""
        stamped = _STAMP.fullmatch(self.stamp)
        event = stamped[3] if stamped else None
        return Snapshot(
            self.erp_id, str(self.key), self.reference, self.revision, self.status, "", (), {}, event_id=event
        )


@dataclass(frozen=True, slots=True)
class Customers:
    """The effects on customers."""

    writing: Writing
    terms: OdooTerms
    instance: str
    rules: RuleBook

    def submit(self, customer: Customer, ref: Reference, ends_at: float) -> Result:
        """Let the contact hold this revision, unless it holds a newer one."""
        known = self._by_reference([ref.external_ref], ends_at).get(ref.external_ref)
        if known is not None and (known.revision or 0) >= ref.revision:
            return _held(Outcome.ALREADY_EXISTS, known)
        codes = self.rules.rules_for(scope_of(CustomerDocument(customer))).code_maps
        stamp = f"{ref.external_ref} r{ref.revision} {ref.event_id}"
        rows = self._rows(customer, stamp, codes)
        columns = (*COLUMNS, self.terms.customer_field, *(("lang",) if "lang" in rows[0] else ()))
        regions = {(row["country"], row["region"]) for row in rows if row["region"]}
        states = self.writing.states(regions, ends_at)
        table = [[cell(row, column, states) for column in columns] for row in rows]
        keys = self.writing.load(PARTNERS, columns, table, ends_at, create_only=True)
        if isinstance(keys, Result):
            return keys
        there = self._read_one(keys[0], ends_at)
        if isinstance(there, Result) or there.stamp == stamp or not there.key:
            return there if isinstance(there, Result) else _held(Outcome.CONFIRMED, there)
        return self._write(there, rows[0], ref, [c for c in columns if _is_written(rows[0], c)], states, ends_at)

    def find(self, refs: Sequence[Reference], ends_at: float) -> dict[str, Found]:
        """Contacts that hold this revision or a later one, archived ones included."""
        known = self._by_reference(list(dict.fromkeys(ref.external_ref for ref in refs)), ends_at)
        answers = {}
        for ref in refs:
            found = known.get(ref.external_ref)
            there = found is not None and (found.revision or 0) >= ref.revision
            answers[ref.idempotency_key] = (
                Found(Presence.ONE, (found.snapshot(),)) if found is not None and there else Found(Presence.ABSENT)
            )
        return answers

    def read_back(self, key: int, ends_at: float) -> Snapshot | None:
        """A contact of ours as Odoo holds it."""
        return next((one.snapshot() for one in self._read([["id", "=", key]], ends_at)), None)

    def _write(
        self,
        there: CustomerRecord,
        row: Mapping[str, str],
        ref: Reference,
        columns: Sequence[str],
        states: Mapping[tuple[str, str], int],
        ends_at: float,
    ) -> Result:
        """Write over what an order, or an older revision, has left there."""
        if there.stamp and there.revision is None:  # what another epoch of ours has written is ours
            field = self.terms.customer_field
            sentence = f"the field {field} of contact {there.key} holds something that is not ours"
            return refused("FIELD_TAKEN", sentence, _TAKEN)
        if (there.revision or 0) >= ref.revision:
            return _held(Outcome.ALREADY_EXISTS, there)
        keys = self.writing.load(PARTNERS, columns, [[cell(row, column, states) for column in columns]], ends_at)
        if isinstance(keys, Result):
            return keys
        written = self._read_one(keys[0], ends_at)
        return written if isinstance(written, Result) else _held(Outcome.CONFIRMED, written)

    def _rows(self, customer: Customer, stamp: str, codes: CodeMaps) -> list[dict[str, str]]:
        owner = customer_name(self.instance, customer.entity_id)
        billing = next((a for a in customer.addresses if a.is_billing), next(iter(customer.addresses), None))
        home = {} if billing is None else _as_order_has_it(billing)
        company = "" if billing is None else billing.company.strip()
        row = {
            **place_of(home),
            "id": owner,
            "name": company or customer.name,
            "is_company": "1" if company else "0",
            "email": customer.email,
            "phone": "" if billing is None else billing.telephone.strip(),
            "vat": customer.vat_number or ("" if billing is None else billing.vat_number),
            self.terms.customer_field: stamp,
        }
        language = codes.get(LANGUAGES, {}).get(str(customer.store_id))
        if language is not None:
            row["lang"] = language
        return [row, *_addresses(owner, customer)]

    def _by_reference(self, references: Sequence[str], ends_at: float) -> dict[str, CustomerRecord]:
        found: dict[str, CustomerRecord] = {}
        for start in range(0, len(references), BATCH):
            part = list(references[start : start + BATCH])
            either: list[object] = ["|"] * (len(part) - 1)
            domain = [*either, *([self.terms.customer_field, "=like", f"{_plain(one)} r%"] for one in part)]
            found |= {one.reference: one for one in self._read(domain, ends_at) if one.reference in part}
        return found

    def _read(self, domain: Sequence[object], ends_at: float) -> list[CustomerRecord]:
        books, fields = self.writing.books, (self.terms.customer_field, "active")
        records = books.search(PARTNERS, domain, fields, ends_at, context=_EVEN_ARCHIVED)
        names = books.names(PARTNERS, [record["id"] for record in records], ends_at)
        ours = (one for one in records if reference_of(names.get(one["id"], []), "customer") is not None)
        try:
            return [self._record(record) for record in ours]
        except ValueError as error:
            raise Retryable(f"Odoo answered with a contact that cannot be read: {error}") from error

    def _read_one(self, key: int, ends_at: float) -> CustomerRecord | Result:
        try:
            domain, fields = [["id", "=", key]], (self.terms.customer_field, "active")
            found = self.writing.books.search(PARTNERS, domain, fields, ends_at, context=_EVEN_ARCHIVED)
            return self._record(found[0]) if found else Result(Outcome.UNKNOWN)
        except Retryable as error:
            return in_doubt(error)
        except ValueError as error:
            return in_doubt(Retryable(f"Odoo answered with a contact that cannot be read: {error}"))

    def _record(self, record: Record) -> CustomerRecord:
        return CustomerRecord(record["id"], text(record, self.terms.customer_field), record.get("active") is not False)


def _addresses(owner: str, customer: Customer) -> list[dict[str, str]]:
    """The address book, each address in the use that an order would make of it, and once."""
    rows: dict[str, dict[str, str]] = {}
    for address in customer.addresses:
        uses = [use for use, is_it in (("invoice", address.is_billing), ("delivery", address.is_shipping)) if is_it]
        for use in uses or ["delivery"]:
            row = address_row(owner, use, _as_order_has_it(address), customer.email)
            rows[row["id"]] = row
    return list(rows.values())


def _as_order_has_it(address: CustomerAddress) -> dict[str, Any]:
    return {
        "firstname": address.name,
        "company": address.company,
        "street": list(address.street),
        "city": address.city,
        "region": address.region,
        "postcode": address.postcode,
        "country_id": address.country,
        "telephone": address.telephone,
    }


def _is_written(row: Mapping[str, str], column: str) -> bool:
    """An address is written whole or not at all; of all else only what Magento knows."""
    return bool(row["country"]) if column in PLACE else bool(row.get(column))


def _plain(reference: str) -> str:
    """Without what =like takes for a wildcard."""
    return re.sub(r"([\\%_])", r"\\\1", reference)


def _held(outcome: Outcome, found: CustomerRecord) -> Result:
    return Result(outcome, found.erp_id, str(found.key), found.status, evidence=Evidence(200, bytes_sent=True))
