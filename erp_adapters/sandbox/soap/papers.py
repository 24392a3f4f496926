"""What the house answers, written as the contract says."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree

from erp_adapters.sandbox.answers import Answer
from erp_adapters.sandbox.soap.contract import COMMON, DOCUMENTS, SERVICE

Told = Mapping[str, Any]
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_ARTICLE = re.compile(r"lines\[([0-9]{1,3})\]\.sku")


def paper_for(operation: str, answer: Answer, asked: etree._Element) -> etree._Element:
    """The element that answers an operation; a refusal by the rules of business is an answer too."""
    paper = etree.Element(f"{{{SERVICE}}}{operation}Response", nsmap={"s": SERVICE, "d": DOCUMENTS, "c": COMMON})
    _PAPERS[operation](paper, answer, asked)
    return paper


def _ping(paper: etree._Element, answer: Answer, _asked: etree._Element) -> None:
    body = answer.body
    for name, value in (("Product", f"Kontor ({body['product']})"), ("Version", "3.2"), ("Time", body["time"])):
        _say(paper, SERVICE, name, value)
    for right in body["permissions"]:
        _say(paper, SERVICE, "Right", right)


def _result(paper: etree._Element, answer: Answer, asked: etree._Element) -> None:
    body = answer.body
    refusal = body.get("error")
    pending = body.get("status") == "pending" and "handle" in body
    made = body.get("result", body)
    result = _say(paper, SERVICE, "Result", None)
    _say(result, COMMON, "State", "REFUSED" if refusal else "PENDING" if pending else "OK")
    number = None if refusal or pending else made.get("number")
    _say(result, COMMON, "DocumentNo", number).attrib.update({} if number else {_NIL: "true"})
    if number and made.get("status"):
        _say(result, COMMON, "Status", made["status"])
    if pending:
        _say(result, COMMON, "Job", body["handle"])
    for words, attributes in _messages(refusal, asked):
        _say(result, COMMON, "Message", words, **attributes)


def _messages(refusal: Told | None, asked: etree._Element) -> Iterator[tuple[str, dict[str, str]]]:
    """Words and attributes of each message: a refusal's own, then one for each place, with what stood there."""
    if refusal:
        yield refusal["message"], {"severity": "ERROR", "code": refusal["code"]}
        for detail in refusal["details"]:
            place = {"severity": "INFO", "code": refusal["code"], "field": detail["path"]}
            article = _article_at(detail["path"], asked)
            yield detail["message"], {**place, "value": article} if article else place
        return
    partner = asked.find("{*}Order/{*}Partner")
    if partner is not None and partner.get("no") is None:
        words = "The partner has no number; booked on the collective account."
        yield words, {"severity": "WARNING", "code": "W017"}


def _article_at(place: str, asked: etree._Element) -> str:
    """The article of an order's line, for a place that speaks of one."""
    found = _ARTICLE.fullmatch(place)
    lines = asked.findall("{*}Order/{*}Lines/{*}Line") if found else []
    return lines[int(found[1])].findtext("{*}Article") if found and int(found[1]) < len(lines) else ""


def _order_read(paper: etree._Element, answer: Answer, _asked: etree._Element) -> None:
    _booked_order(paper, answer.body)


def _orders(paper: etree._Element, answer: Answer, _asked: etree._Element) -> None:
    for order in answer.body["orders"]:
        _booked_order(paper, order)
    _end(paper, answer.body)


def _documents(paper: etree._Element, answer: Answer, _asked: etree._Element) -> None:
    for name in ("deliveries", "invoices", "creditMemos"):
        for document in answer.body.get(name, ()):
            _document(paper, document)
    _end(paper, answer.body)


def _end(paper: etree._Element, body: Told) -> None:
    if "next" in body:
        _say(paper, SERVICE, "Next", body["next"])
    if "more" in body:
        _say(paper, SERVICE, "More", body["more"])


def _booked_order(paper: etree._Element, told: Told) -> None:
    order = _say(paper, SERVICE, "Order", None, no=told["number"])
    _named(order, told)
    _say(order, DOCUMENTS, "Revision", told["sourceRevision"])
    _say(order, DOCUMENTS, "Status", told["status"])
    _say(order, DOCUMENTS, "Changed", told["changedAt"])
    for line in told["lines"]:
        one = _say(order, DOCUMENTS, "Line", None, ref=line["lineReference"], position=line["lineNumber"])
        _say(one, DOCUMENTS, "Article", line["sku"])
        _say(one, DOCUMENTS, "Quantity", line["quantity"])
        _say(one, DOCUMENTS, "Net", line["total"])
        for name, part in (("Confirmed", "confirmedQuantity"), ("Rejection", "rejectionReason")):
            if line.get(part) is not None:
                _say(one, DOCUMENTS, name, line[part])
    amounts = _say(order, DOCUMENTS, "Totals", None, currency=told["currency"])
    for name, part in _TOTALS.items():
        if part in told["totals"]:
            _say(amounts, DOCUMENTS, name, told["totals"][part])
    for name, value in told.get("customFields", {}).items():
        _say(order, DOCUMENTS, "Field", value, name=name)


_TOTALS = {
    "Goods": "subtotal",
    "Discount": "discount",
    "Delivery": "shipping",
    "Surcharge": "surcharge",
    "Tax": "tax",
    "Total": "grandTotal",
}
_CREDIT_TOTALS = {
    "Goods": "subtotal",
    "Discount": "discount",
    "Delivery": "shipping",
    "Adjustment": "adjustment",
    "Tax": "tax",
    "Total": "grandTotal",
}
_AMOUNTS = {
    "Goods": "subtotal",
    "Discount": "discount",
    "Delivery": "shipping",
    "Tax": "tax",
    "Added": "adjustmentPositive",
    "Withheld": "adjustmentNegative",
    "Total": "grandTotal",
}
_LINE = {
    "Article": "sku",
    "Ordered": "orderedQuantity",
    "Quantity": "quantity",
    "Received": "receivedQuantity",
    "Reason": "reason",
}


def _credits(paper: etree._Element, answer: Answer, _asked: etree._Element) -> None:
    for told in answer.body["refunds"]:
        credit = _say(paper, SERVICE, "Credit", None, no=told["number"])
        _named(credit, told)
        _say(credit, DOCUMENTS, "Status", told["status"])
        for line in told["lines"]:
            one = _say(credit, DOCUMENTS, "Line", None, ref=line["lineReference"])
            _say(one, DOCUMENTS, "Article", line["sku"])
            _say(one, DOCUMENTS, "Quantity", line["quantity"])
            _say(one, DOCUMENTS, "Net", line["total"])
        amounts = _say(credit, DOCUMENTS, "Totals", None, currency=told["currency"])
        for name, part in _CREDIT_TOTALS.items():
            _say(amounts, DOCUMENTS, name, told["totals"][part])


def _customers(paper: etree._Element, answer: Answer, _asked: etree._Element) -> None:
    for told in answer.body["customers"]:
        customer = _say(paper, SERVICE, "Customer", None, no=told["number"])
        _named(customer, told)
        _say(customer, DOCUMENTS, "Revision", told["sourceRevision"])


def _named(paper: etree._Element, told: Told) -> None:
    _say(paper, DOCUMENTS, "Reference", told["reference"])
    event = told.get("sourceEvent")
    _say(paper, DOCUMENTS, "Event", event).attrib.update({} if event else {_NIL: "true"})


def _document(paper: etree._Element, told: Told) -> None:
    document = _say(paper, SERVICE, "Document", None, no=told["number"])
    _say(document, DOCUMENTS, "OrderNo", told["order"])
    _say(document, DOCUMENTS, "OrderReference", told["orderReference"])
    _say(document, DOCUMENTS, "Version", told["version"])
    if "final" in told:
        _say(document, DOCUMENTS, "Final", told["final"])
    _say(document, DOCUMENTS, "Reversed", told["reversed"])
    if told.get("warehouse") is not None:
        _say(document, DOCUMENTS, "Warehouse", told["warehouse"])
    _say(document, DOCUMENTS, "Changed", told["changedAt"])
    for line in told["lines"]:
        one = _say(document, DOCUMENTS, "Line", None, ref=line["lineReference"])
        for name, part in _LINE.items():
            if line.get(part) is not None:
                _say(one, DOCUMENTS, name, line[part])
    for parcel in told.get("tracks", ()):
        _say(document, DOCUMENTS, "Parcel", None, **parcel)
    if "amounts" in told:
        currency = {"currency": told["currency"]} if told.get("currency") else {}
        amounts = _say(document, DOCUMENTS, "Amounts", None, **currency)
        for name, part in _AMOUNTS.items():
            if told["amounts"].get(part) is not None:
                _say(amounts, DOCUMENTS, name, told["amounts"][part])


def _posted(paper: etree._Element, answer: Answer, asked: etree._Element) -> None:
    _result(paper, answer, asked)
    for line in answer.body.get("lines", ()):
        _movement_line(paper, SERVICE, line)


def _movements(paper: etree._Element, answer: Answer, _asked: etree._Element) -> None:
    (booked,) = answer.body.values()
    for told in booked:
        movement = _say(paper, SERVICE, "Movement", None, no=told["number"])
        _named(movement, told)
        for line in told["lines"]:
            _movement_line(movement, DOCUMENTS, line)


def _movement_line(parent: etree._Element, namespace: str, line: Told) -> None:
    quantity = {"quantity": line["quantity"]} if "quantity" in line else {}
    booked = "true" if line["status"] == "booked" else "false"
    _say(parent, namespace, "Line", line.get("message"), article=line["sku"], booked=booked, **quantity)


def _stock(paper: etree._Element, answer: Answer, _asked: etree._Element) -> None:
    for level in answer.body["stock"]:
        place = {"warehouse": level["warehouse"], "article": level["sku"], "onHand": level["onHand"]}
        _say(paper, SERVICE, "Level", None, **place)
    _say(paper, SERVICE, "AsOf", answer.body["asOf"])
    _end(paper, answer.body)


_PAPERS: Mapping[str, Callable[[etree._Element, Answer, etree._Element], None]] = {
    "Ping": _ping,
    "BookOrder": _result,
    "AmendOrder": _result,
    "CancelOrder": _result,
    "GetOrder": _order_read,
    "FindOrders": _orders,
    "FollowOrders": _orders,
    "FollowDocuments": _documents,
    "GetJob": _result,
    "CreditOrder": _result,
    "FindCredits": _credits,
    "KeepCustomer": _result,
    "FindCustomers": _customers,
    "PostMovement": _posted,
    "FindMovements": _movements,
    "PostDemand": _posted,
    "FindDemand": _movements,
    "ReadStock": _stock,
}


def _say(parent: etree._Element, namespace: str, name: str, value: object, /, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{namespace}}}{name}", attributes)
    if isinstance(value, bool):
        value = "true" if value else "false"
    if value is not None:
        child.text = str(value)
    return child
