"""`load()`: rows of text become records under external identifiers, all of them or none.

Measured on Odoo 19, and played here:

- it answers 200 with `ids: false` and its reasons; only an unknown column is an error;
- it updates what is there, unless it was named with `noupdate` and the mode is `update`: then it is left alone;
- lines without external identifiers of their own are made again by each load;
- an order whose contact is written loses its pricelist, and so its currency, unless that is written as well;
- what HTML cannot hold is left out of a field of HTML without a word;
- a quantity beyond the unit's step is rounded; a wrong VAT number, and a record of another company's, are refused;
- lines that are written beside their order's company lose the taxes that they are given: Odoo puts those of the
  product in their place, by the fiscal position. Products here have none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from erp_adapters.sandbox.odoo.ledger import Record, Transaction
from erp_adapters.sandbox.odoo.models import MODELS, Field
from erp_adapters.sandbox.odoo.refusals import value_error
from erp_adapters.sandbox.odoo.stock import born, name_transfer, open_warehouse

_GERMAN = re.compile(r"DE\d{9}")
_NOT_IN_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


class MisfitError(Exception):
    """A cell that cannot be what its column is."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Mode:
    """What the context of a call says about records that are there already."""

    update: bool
    noupdate: bool

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> "Mode":
        """Read a context."""
        return cls(context.get("mode") == "update", bool(context.get("noupdate")))


def load(
    work: Transaction, model: str, columns: Sequence[str], rows: Sequence[Sequence[str]], mode: Mode
) -> tuple[list[int], list[Record]]:
    """The keys, and what is wrong: where anything is, the caller rolls back."""
    paths = [column.split("/") for column in columns]
    for path in paths:
        _check(model, path)
    keys: list[int] = []
    messages: list[Record] = []
    for group in _groups(model, paths, rows):
        try:
            keys.append(_load_one(work, model, paths, group, mode))
        except MisfitError as misfit:
            messages.append({"type": "error", "record": len(keys), "field": misfit.column, "message": str(misfit)})
    return keys, messages


def _check(model: str, path: Sequence[str]) -> None:
    """An unknown column is the caller's error."""
    for name in path:
        if name in ("id", ".id"):
            return
        if name not in MODELS[model]:
            raise value_error(f"Invalid field name {name!r}")
        model = MODELS[model][name].relation


def _groups(model: str, paths: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> list[list[Sequence[str]]]:
    """Rows whose own columns are empty belong to the record above: they are more of its lines."""
    fields = MODELS[model]
    own = [place for place, path in enumerate(paths) if path == ["id"] or fields[path[0]].type != "one2many"]
    groups: list[list[Sequence[str]]] = []
    for row in rows:
        if groups and not any(row[place] for place in own):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _load_one(
    work: Transaction, model: str, paths: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], mode: Mode
) -> int:
    values: Record = {}
    lines: dict[str, list[Record]] = {}
    name = ""
    for place, path in enumerate(paths):
        if path == ["id"]:
            name = rows[0][place]
            continue
        field = MODELS[model][path[0]]
        if field.type != "one2many":
            _put(work, values, path, field, rows[0][place])
    for field_name in dict.fromkeys(path[0] for path in paths if len(path) > 1):
        field = MODELS[model][field_name]
        if field.type == "one2many":
            lines[field_name] = [_line(work, paths, field_name, field, row) for row in rows]
    return _save(work, model, name, values, lines, mode)


def _line(
    work: Transaction, paths: Sequence[Sequence[str]], field_name: str, field: Field, row: Sequence[str]
) -> Record:
    line: Record = {}
    for place, path in enumerate(paths):
        if path[0] != field_name:
            continue
        if path[1] == "id":
            line["id"] = row[place]
        else:
            _put(work, line, path[1:], MODELS[field.relation][path[1]], row[place])
    return line


def _put(work: Transaction, values: Record, path: Sequence[str], field: Field, cell: str) -> None:
    if not isinstance(cell, str):
        raise MisfitError(path[0], f"a cell of {path[0]} is no text")
    if len(path) > 1 and not cell:
        values[path[0]] = [] if field.type == "many2many" else False
    elif field.type == "many2many":
        values[path[0]] = [_key(work, path, field, one) for one in cell.split(",")]
    elif len(path) > 1:
        values[path[0]] = _key(work, path, field, cell)
    else:
        values[path[0]] = _plain(path[0], field, cell)


def _key(work: Transaction, path: Sequence[str], field: Field, cell: str) -> int:
    if path[1] == ".id":
        if not cell.isdigit() or work.find(field.relation, int(cell)) is None:
            raise MisfitError(path[0], f"No matching record found for database id '{cell}' in field '{path[0]}'")
        return int(cell)
    found = work.named_record(cell)
    if found is None or found.model != field.relation:
        raise MisfitError(path[0], f"No matching record found for external id '{cell}' in field '{path[0]}'")
    return found.key


def _plain(name: str, field: Field, cell: str) -> Any:  # noqa: ANN401 -- any type of field
    if not cell:
        return field.given
    match field.type:
        case "float" | "monetary" | "integer":
            try:
                return int(cell) if field.type == "integer" else float(cell)
            except ValueError:
                raise MisfitError(name, f"'{cell}' does not seem to be a number for field '{name}'") from None
        case "boolean":
            return cell.lower() in ("1", "true", "yes")
        case "datetime":
            if _INSTANT.fullmatch(cell) is None:
                raise MisfitError(name, f"'{cell}' does not seem to be a valid datetime for field '{name}'")
            return cell
        case "selection":
            if cell not in field.choices:
                raise MisfitError(name, f"Value '{cell}' not found in selection field '{name}'")
            return cell
        case "html":
            clean = _NOT_IN_HTML.sub("", cell)
            return f"<p>{clean}</p>" if unescape(clean) else False
        case _:
            return cell


def _save(
    work: Transaction, model: str, name: str, values: Record, lines: Mapping[str, list[Record]], mode: Mode
) -> int:
    if " " in name:
        raise MisfitError("id", "External IDs cannot contain spaces")
    found = work.named_record(name) if name else None
    if found is not None and found.model != model:
        raise MisfitError("id", f"For external id {name} found record of different model {found.model}")
    if found is not None and mode.update and found.noupdate:
        return found.key
    if found is None:
        key = _create(work, model, values)
    else:
        key = found.key
        _check_company(work, model, values)
        work.write(model, key, _derived(model, values))
    if name and found is None:  # a name that is there keeps what it was given with
        work.name(name, model, key, noupdate=mode.noupdate)
    loses = found is not None and "company_id" in values
    for field_name, some in lines.items():
        for line in some:
            _save_line(work, MODELS[model][field_name], key, line, mode, loses_taxes=loses)
    return key


def _create(work: Transaction, model: str, values: Record) -> int:
    _check_company(work, model, values)
    for name, field in MODELS[model].items():
        if field.required and not values.get(name):
            raise MisfitError(name, f"Missing required value for the field '{name}' ({name}).")
    key = work.create(model, values)
    match model:
        case "sale.order":
            work.write(model, key, {"name": f"S{key:05}"})
        case "stock.picking":
            name_transfer(work, key)
        case "stock.move":
            born(work, key)
        case "stock.warehouse":
            open_warehouse(work, key)
        case "account.move":
            work.write(model, key, {"name": False, "state": "draft", "posted_before": False})
        case _:
            pass
    return key


def _save_line(work: Transaction, field: Field, owner: int, line: Record, mode: Mode, *, loses_taxes: bool) -> None:
    values = {name: value for name, value in line.items() if name != "id"}
    name = line.get("id", "")
    found = work.named_record(name) if name else None
    if found is None:
        key = _create(work, field.relation, {**values, field.inverse: owner})
    else:
        key = found.key
        work.write(field.relation, key, {**values, **({"tax_ids": []} if loses_taxes else {})})
    if name and found is None:
        work.name(name, field.relation, key, noupdate=mode.noupdate)


def _check_company(work: Transaction, model: str, values: Record) -> None:
    """A record of another company's is refused, and a VAT number that its country does not write so."""
    pricelist = values.get("pricelist_id")
    if model == "sale.order" and pricelist:
        owner = work.get("product.pricelist", pricelist)["company_id"]
        if owner and owner != values.get("company_id", 1):
            raise MisfitError("", "Uh-oh! You've got some company inconsistencies here")
    vat = values.get("vat")
    if model == "res.partner" and vat and vat.startswith("DE") and not _is_german(vat):
        raise MisfitError("", f"The VAT number [{vat[2:]}] for partner [{values['name']}] does not seem to be valid.")


def _is_german(vat: str) -> bool:
    """Nine digits, of which the last follows from the others (ISO 7064, MOD 11,10)."""
    if _GERMAN.fullmatch(vat) is None:
        return False
    product = 10
    for digit in map(int, vat[2:10]):
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(vat[10])


def _derived(model: str, values: Record) -> Record:
    if model == "sale.order" and "partner_id" in values and "pricelist_id" not in values:
        return {**values, "pricelist_id": False}
    return values
