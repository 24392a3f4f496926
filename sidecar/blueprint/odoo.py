"""What a destination of kind odoo says about its Odoo, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import Field

from sidecar.blueprint.ground import Part, Text
from sidecar.configuration import Problem, listed

KIND: Final = "odoo"
_MAPS: Final = ("taxes", "pricelists")
_EXTERNAL: Final = ("pricelists", "payment_terms", "taxes")
_NO_TAX: Final = "none"


class OdooPart(Part):
    """One company of one database."""

    database: Text = Field(description="the name of the database")
    company: Annotated[int, Field(strict=True, ge=1)] = Field(
        description="the company's key, the number at the end of its address in Odoo"
    )
    shipping_product: Text = Field(description="the internal reference of the product that stands for shipping costs")
    discount_product: Text = Field(description="the internal reference of the product that stands for discounts")
    confirm: Annotated[bool, Field(strict=True)] = Field(default=True, description="true, false")
    post_refunds: Annotated[bool, Field(strict=True)] = Field(default=True, description="true, false")
    restock: Annotated[bool, Field(strict=True)] = Field(default=False, description="true, false")
    customer_field: Text = Field(
        default="ref", description="the field of contacts that holds our reference: text, and nobody else's"
    )
    login: Text | None = Field(
        default=None, description="whose key it is: JSON-RPC is spoken; left out, JSON-2 (Odoo 19 and later)"
    )


def odoo_problems(
    at: str, kind: str, part: OdooPart | None, code_maps: Mapping[str, Mapping[str, str]]
) -> Iterator[Problem]:
    """What does not fit together in a destination of kind odoo, or stands in one of another kind."""
    if kind != KIND:
        if part is not None:
            yield Problem(f"{at}.odoo", f"a table that kind {kind} never uses", f"none, or kind {KIND}")
        return
    if part is None:
        yield Problem(f"{at}.odoo", "nothing", "a table with " + listed(OdooPart.model_fields))
    for name in _MAPS:
        if not code_maps.get(name):
            yield Problem(f"{at}.code_maps.{name}", "nothing", "an entry for each tax rate, and for each currency")
    yield from external_problems(at, code_maps)


def external_problems(at: str, code_maps: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    """What stands for a record of Odoo's, and is no external identifier."""
    for name in _EXTERNAL:
        for code, value in code_maps.get(name, {}).items():
            module, dot, rest = value.partition(".")
            is_external = bool(module and dot and rest) and " " not in value and "," not in value
            if not is_external and not (name == "taxes" and value == _NO_TAX):
                allowed = "an external identifier such as account.1_sale_tax_template"
                allowed += f", or {_NO_TAX}" if name == "taxes" else ""
                yield Problem(f"{at}.code_maps.{name}.{code}", repr(value), allowed)
