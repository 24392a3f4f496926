"""What a request asks of the house: XML that fits the contract becomes a request to the departments."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from erp_adapters.sandbox.door import Request

Form = dict[str, Any]
_KINDS = {"DELIVERY": "deliveries", "INVOICE": "invoices", "CREDIT": "credit-memos"}


def request_for(operation: str, asked: etree._Element, user: str) -> Request:
    """Fill the form that the operation needs."""
    method, path, query, body = _FORMS[operation](asked)
    return Request(method, path, query, json.dumps(body).encode(), user, "")


Filled = tuple[str, str, Mapping[str, list[str]], Form]


def _ping(_asked: etree._Element) -> Filled:
    return "GET", "/api/ping", {}, {}


def _book(asked: etree._Element) -> Filled:
    return "POST", "/api/orders", {}, _order(asked.find("{*}Order"))


def _amend(asked: etree._Element) -> Filled:
    return "PUT", f"/api/orders/{_named(asked)}", {}, _order(asked.find("{*}Order"))


def _cancel(asked: etree._Element) -> Filled:
    body = _kept(
        reason=_text(asked, "Reason"),
        sourceEvent=_text(asked, "Event"),
        sourceRevision=int(asked.findtext("{*}Revision")),
    )
    return "POST", f"/api/orders/{_named(asked)}/cancel", {}, body


def _get(asked: etree._Element) -> Filled:
    return "GET", f"/api/orders/{_named(asked)}", {}, {}


def _find_orders(asked: etree._Element) -> Filled:
    return "GET", "/api/orders", {"reference": _texts(asked, "Reference")}, {}


def _follow_orders(asked: etree._Element) -> Filled:
    return "GET", "/api/orders", _place(asked.find("{*}Place")), {}


def _follow_documents(asked: etree._Element) -> Filled:
    kind = _KINDS[asked.findtext("{*}Kind")]
    return "GET", f"/api/{kind}", _place(asked.find("{*}Place")), {}


def _job(asked: etree._Element) -> Filled:
    return "GET", f"/api/jobs/{asked.findtext('{*}Job')}", {}, {}


def _post(asked: etree._Element) -> Filled:
    return "POST", "/api/stock-movements", {}, _movement(asked)


def _post_demand(asked: etree._Element) -> Filled:
    return "POST", "/api/stock-demand", {}, _movement(asked)


def _movement(asked: etree._Element) -> Form:
    movement = asked.find("{*}Movement")
    lines = [
        _kept(sku=line.get("article"), quantity=line.get("quantity"), unit=line.get("unit"))
        for line in movement.iterfind("{*}Line")
    ]
    return _kept(
        reference=_text(movement, "Reference"),
        sourceEvent=_text(movement, "Event"),
        warehouse=_text(movement, "Warehouse"),
        lines=lines,
    )


def _credit(asked: etree._Element) -> Filled:
    credit = asked.find("{*}Credit")
    totals, payment = credit.find("{*}Totals"), credit.find("{*}Payment")
    body = _kept(
        reference=_text(credit, "Reference"),
        customerReference=_text(credit, "CustomerReference"),
        sourceEvent=_text(credit, "Event"),
        order=_text(credit, "OrderNo"),
        refundDate=_text(credit, "Date"),
        currency=totals.get("currency"),
        paidOut=payment is not None and payment.get("paidOut") in ("true", "1"),
        payment=None
        if payment is None
        else _kept(
            method=payment.get("method"),
            reference=payment.get("transaction"),
            tenders=[dict(tender.attrib) for tender in payment.iterfind("{*}Tender")],
        ),
        lines=[_credit_line(line) for line in credit.iterfind("{*}Line")],
        totals={
            name: _text(totals, element)
            for element, name in {
                "Goods": "subtotal",
                "Discount": "discount",
                "Delivery": "shipping",
                "Adjustment": "adjustment",
                "Tax": "tax",
                "Total": "grandTotal",
            }.items()
        },
        customFields={field.get("name"): field.text for field in credit.iterfind("{*}Field")} or None,
    )
    return "POST", "/api/refunds", {}, body


def _credit_line(line: etree._Element) -> Form:
    return _kept(
        lineReference=line.get("ref"),
        sku=_text(line, "Article"),
        quantity=_text(line, "Quantity"),
        restockedQuantity=_text(line, "Restocked"),
        discount=_text(line, "Discount"),
        tax=_text(line, "Tax"),
        total=_text(line, "Net"),
    )


def _find_credits(asked: etree._Element) -> Filled:
    return "GET", "/api/refunds", {"reference": _texts(asked, "Reference")}, {}


def _keep(asked: etree._Element) -> Filled:
    customer = asked.find("{*}Customer")
    body = _kept(
        reference=_text(customer, "Reference"),
        sourceEvent=_text(customer, "Event"),
        sourceRevision=int(customer.findtext("{*}Revision")),
        name=_text(customer, "Name"),
        email=_text(customer, "Email"),
        taxNumber=_text(customer, "TaxNumber"),
        group=customer.get("group"),
        website=customer.get("website"),
        addresses=[_book_address(address) for address in customer.iterfind("{*}Address")],
        customFields={field.get("name"): field.text for field in customer.iterfind("{*}Field")} or None,
    )
    return "POST", "/api/customers", {}, body


def _book_address(address: etree._Element) -> Form:
    return {
        **(_address(address) or {}),
        **_kept(
            addressReference=address.get("ref"),
            taxNumber=_text(address, "TaxNumber"),
            isBilling=address.get("billing") in ("true", "1"),
            isShipping=address.get("shipping") in ("true", "1"),
        ),
    }


def _find_customers(asked: etree._Element) -> Filled:
    return "GET", "/api/customers", {"reference": _texts(asked, "Reference")}, {}


def _find_movements(asked: etree._Element) -> Filled:
    return "GET", "/api/stock-movements", {"reference": _texts(asked, "Reference")}, {}


def _find_demand(asked: etree._Element) -> Filled:
    return "GET", "/api/stock-demand", {"reference": _texts(asked, "Reference")}, {}


def _stock(asked: etree._Element) -> Filled:
    query = {"warehouse": _texts(asked, "Warehouse"), "sku": _texts(asked, "Article")}
    for name, parameter in (("After", "cursor"), ("Most", "limit")):
        query[parameter] = _texts(asked, name)
    return "GET", "/api/stock", {name: values for name, values in query.items() if values}, {}


_FORMS: Mapping[str, Callable[[etree._Element], Filled]] = {
    "Ping": _ping,
    "BookOrder": _book,
    "AmendOrder": _amend,
    "CancelOrder": _cancel,
    "GetOrder": _get,
    "FindOrders": _find_orders,
    "FollowOrders": _follow_orders,
    "FollowDocuments": _follow_documents,
    "GetJob": _job,
    "CreditOrder": _credit,
    "FindCredits": _find_credits,
    "KeepCustomer": _keep,
    "FindCustomers": _find_customers,
    "PostMovement": _post,
    "FindMovements": _find_movements,
    "PostDemand": _post_demand,
    "FindDemand": _find_demand,
    "ReadStock": _stock,
}


def _order(order: etree._Element) -> Form:
    partner, totals, shipping = order.find("{*}Partner"), order.find("{*}Totals"), order.find("{*}Shipping")
    return _kept(
        reference=_text(order, "Reference"),
        customerReference=_text(order, "CustomerReference"),
        sourceEvent=_text(order, "Event"),
        sourceRevision=int(order.findtext("{*}Revision")),
        orderDate=_text(order, "Placed"),
        currency=totals.get("currency"),
        customer=_kept(
            number=partner.get("no"),
            name=_text(partner, "Name"),
            email=_text(partner, "Email"),
            taxNumber=_text(partner, "TaxNumber"),
        ),
        billTo=_address(order.find("{*}BillTo")),
        shipTo=_address(order.find("{*}ShipTo")),
        payment=_payment(order),
        shipping=None
        if shipping is None
        else _kept(method=shipping.get("method"), amount=_text(shipping, "Amount"), tax=_text(shipping, "Tax")),
        pickupWarehouse=None if order.find("{*}Pickup") is None else order.find("{*}Pickup").get("warehouse"),
        status="blocked" if _text(order, "Blocked") in ("true", "1") else "open",
        remarks=_text(order, "Remarks"),
        lines=[_line(line) for line in order.iterfind("{*}Lines/{*}Line")],
        totals=_kept(
            subtotal=_text(totals, "Goods"),
            discount=_text(totals, "Discount"),
            shipping=_text(totals, "Delivery"),
            surcharge=_text(totals, "Surcharge"),
            tax=_text(totals, "Tax"),
            grandTotal=_text(totals, "Total"),
        ),
        customFields={field.get("name"): field.text for field in order.iterfind("{*}Field")} or None,
    )


def _line(line: etree._Element) -> Form:
    return _kept(
        lineReference=line.get("ref"),
        unit=line.get("unit"),
        sku=_text(line, "Article"),
        description=_text(line, "Text"),
        quantity=_text(line, "Quantity"),
        unitPrice=_text(line, "Price"),
        discount=_text(line, "Discount"),
        tax=_text(line, "Tax"),
        total=_text(line, "Net"),
        intent=line.get("intent"),
        backordered=_text(line, "Backordered"),
        warehouse=line.get("warehouse"),
        warehouseIsBinding=None if line.get("binding") is None else line.get("binding") in ("true", "1"),
    )


def _payment(order: etree._Element) -> Form:
    prepaid = order.find("{*}Prepaid")
    if prepaid is None:
        return {"method": order.find("{*}OnAccount").get("terms")}
    return {"method": prepaid.get("method"), "reference": prepaid.get("transaction")}


def _address(address: etree._Element | None) -> Form | None:
    if address is None:
        return None
    return _kept(
        name=_text(address, "Name"),
        company=_text(address, "Company"),
        street=_texts(address, "Street") or None,
        city=_text(address, "City"),
        region=_text(address, "Region"),
        postcode=_text(address, "Postcode"),
        country=_text(address, "Country"),
        phone=_text(address, "Phone"),
    )


def _place(place: etree._Element) -> Mapping[str, list[str]]:
    most = _texts(place, "Most")
    query = {"limit": most} if most else {}
    after = _texts(place, "After")
    if after:
        return {"since": after, **query}
    return {"changedSince": _texts(place, "Since"), "offset": _texts(place, "Skip"), **query}


def _named(asked: etree._Element) -> str:
    """A number of ours; of anything else there is none, whatever it would do in a path."""
    number = asked.findtext("{*}DocumentNo") or ""
    kind, _, digits = number.partition("-")
    return number if kind.isalpha() and digits.isdigit() else "XX-0"


def _text(element: etree._Element, name: str) -> str | None:
    return element.findtext(f"{{*}}{name}")  # type: ignore[no-any-return]


def _texts(element: etree._Element, name: str) -> list[str]:
    return [one.text or "" for one in element.iterfind(f"{{*}}{name}")]


def _kept(**values: object) -> Form:
    return {name: value for name, value in values.items() if value is not None}
