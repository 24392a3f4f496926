"""A vendor's own WSDL is loaded from files, and an order that its schema allows is written by it."""

from pathlib import Path

import pytest

from erp_adapters.mapping import MappingError
from erp_adapters.soap.wsdl import Contract

NETSUITE = Path(__file__).resolve().parents[3] / "shared" / "contracts" / "netsuite" / "netsuite.wsdl"
SALES_ORDER = "{urn:sales_2023_2.transactions.webservices.netsuite.com}SalesOrder"

pytestmark = [pytest.mark.needs_shared, pytest.mark.slow]


def order(**changes: object) -> dict[str, object]:
    """A sales order as NetSuite's schema has it."""
    line = {"item": {"internalId": "5"}, "quantity": "2", "rate": "10.00"}
    fields = {
        "xsi:type": SALES_ORDER,
        "externalId": "M1-42",
        "entity": {"internalId": "17", "type": "customer"},
        "otherRefNum": "000000042",
        "memo": "Grüße, bitte ans Tor",
        "tranDate": "2026-11-23T10:15:00Z",
        "itemList": {"replaceAll": "true", "item": [line]},
    }
    return {"record": {**fields, **changes}}


@pytest.fixture(scope="module")
def netsuite() -> Contract:
    return Contract.load(NETSUITE, None, None, strict=True)


def test_netsuites_wsdl_loads_offline_and_writes_an_order_that_its_schema_allows(netsuite: Contract) -> None:
    assert {"add", "update", "search", "get", "upsert"} <= netsuite.operations

    envelope = netsuite.envelope("add", order())

    (record,) = envelope.iterfind(".//{*}record")
    assert record.get("{http://www.w3.org/2001/XMLSchema-instance}type").endswith(":SalesOrder")
    assert record.get("externalId") == "M1-42"
    assert record.findtext("{*}memo") == "Grüße, bitte ans Tor"


def test_what_netsuites_schema_does_not_allow_is_refused_at_its_place(netsuite: Contract) -> None:
    with pytest.raises(MappingError) as refused:
        netsuite.envelope("add", order(tranDate="yesterday"))

    assert refused.value.path == "add.record.tranDate"
