"""The shapes of everything that callers send: orders, changes, cancellations, movements, control."""

import re

from erp_adapters.sandbox.shapes import (
    Amount,
    Choice,
    Flag,
    Moment,
    Pairs,
    Record,
    Rows,
    Shape,
    Text,
    Whatever,
    Whole,
)

OPERATIONS = (
    "order.create",
    "order.change",
    "order.cancel",
    "order.find",
    "order.read",
    "order.changes",
    "refund.create",
    "refund.find",
    "customer.put",
    "customer.find",
    "stock.post",
    "stock.find",
    "stock.read",
    "stock.count",
    "demand.post",
    "demand.find",
    "delivery.changes",
    "delivery.read",
    "invoice.changes",
    "invoice.read",
    "credit_memo.changes",
    "credit_memo.read",
    "job.read",
    "ping",
)
STATUSES = (
    "open",
    "in_approval",
    "credit_hold",
    "blocked",
    "posted",
    "partly_delivered",
    "delivered",
    "invoiced",
    "closed",
    "rejected",
    "cancelled",
)
MOST_STOCK_LINES = 500
REFERENCE = Text(40, re.compile(r"[A-Za-z0-9_.:-]+"), "may hold only A-Z a-z 0-9 _ . : -")
SOURCE_EVENT = Text(64)
CURRENCY = Text(3, re.compile(r"[A-Z]{3}"), "must be three capital letters")
COUNTRY = Text(2, re.compile(r"[A-Z]{2}"), "must be two capital letters")
DAY = Text(10, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "must be a date, YYYY-MM-DD")

ADDRESS = Record(
    required={"name": Text(120), "city": Text(120), "country": COUNTRY},
    optional={
        "company": Text(255),
        "street": Rows(Text(255), most=4),
        "region": Text(120),
        "postcode": Text(20),
        "phone": Text(40),
    },
)
ORDER_LINE = Record(
    required={
        "lineReference": Text(20),
        "sku": Text(64),
        "quantity": Amount(positive=True),
        "unitPrice": Amount(),
        "total": Amount(),
    },
    optional={
        "description": Text(255),
        "unit": Text(8),
        "discount": Amount(),
        "tax": Amount(),
        "intent": Choice(("stock", "backorder", "pre_order", "drop_ship", "pickup")),
        "backordered": Amount(positive=True),
        "warehouse": Text(40),
        "warehouseIsBinding": Flag(),
    },
)
TENDERS = Rows(
    Record(required={"type": Text(32), "amount": Amount()}, optional={"reference": Text(64)}),
    most=20,
)
ORDER_REQUIRED: dict[str, Shape] = {
    "reference": REFERENCE,
    "orderDate": Moment(),
    "currency": CURRENCY,
    "customer": Record(
        required={"name": Text(120), "email": Text(255)},
        optional={"number": Text(40), "taxNumber": Text(40)},
    ),
    "billTo": ADDRESS,
    "payment": Record(
        required={"method": Text(64)},
        optional={
            "reference": Text(64),
            "tenders": TENDERS,
        },
    ),
    "lines": Rows(ORDER_LINE, least=1, most=999),
    "totals": Record(
        required={
            "subtotal": Amount(),
            "discount": Amount(),
            "shipping": Amount(),
            "tax": Amount(),
            "grandTotal": Amount(),
        },
        optional={"surcharge": Amount()},
    ),
}
ORDER_OPTIONAL: dict[str, Shape] = {
    "customerReference": Text(35),
    "sourceEvent": SOURCE_EVENT,
    "shipTo": ADDRESS,
    "shipping": Record(required={"method": Text(120), "amount": Amount()}, optional={"tax": Amount()}),
    "pickupWarehouse": Text(40),
    "status": Choice(("open", "blocked")),
    "remarks": Text(1000),
    "customFields": Pairs(50, Text(255)),
}
NEW_ORDER = Record(ORDER_REQUIRED, {**ORDER_OPTIONAL, "sourceRevision": Whole()})
CHANGED_ORDER = Record({**ORDER_REQUIRED, "sourceRevision": Whole()}, ORDER_OPTIONAL)
CANCELLATION = Record(
    required={"sourceRevision": Whole()},
    optional={"reason": Text(255), "sourceEvent": SOURCE_EVENT},
)

REFUND = Record(
    required={
        "reference": REFERENCE,
        "order": Text(40),
        "refundDate": Moment(),
        "currency": CURRENCY,
        "paidOut": Flag(),
        "lines": Rows(
            Record(
                required={"lineReference": Text(20), "sku": Text(64), "quantity": Amount(), "total": Amount()},
                optional={"restockedQuantity": Amount(), "unit": Text(8), "discount": Amount(), "tax": Amount()},
            ),
            most=999,
        ),
        "totals": Record(
            required=dict.fromkeys(
                ("subtotal", "discount", "shipping", "adjustment", "tax", "grandTotal"),
                Amount(),
            ),
        ),
    },
    optional={
        "customerReference": Text(35),
        "sourceEvent": SOURCE_EVENT,
        "payment": Record(optional={"method": Text(64), "reference": Text(64), "tenders": TENDERS}),
        "customFields": Pairs(50, Text(255)),
    },
)
CUSTOMER = Record(
    required={"reference": REFERENCE, "sourceRevision": Whole(), "name": Text(120), "email": Text(255)},
    optional={
        "sourceEvent": SOURCE_EVENT,
        "taxNumber": Text(40),
        "group": Text(40),
        "website": Text(40),
        "addresses": Rows(
            Record(
                required={**ADDRESS.required, "addressReference": Text(20)},
                optional={**ADDRESS.optional, "taxNumber": Text(40), "isBilling": Flag(), "isShipping": Flag()},
            ),
            most=200,
        ),
        "customFields": Pairs(50, Text(255)),
    },
)

MOVEMENT = Record(
    required={
        "reference": REFERENCE,
        "warehouse": Text(40),
        "lines": Rows(
            Record(
                required={"sku": Text(64), "quantity": Amount(zero=False)},
                optional={"unit": Text(16), "reason": Text(32)},
            ),
            least=1,
            most=MOST_STOCK_LINES,
        ),
    },
    optional={"sourceEvent": SOURCE_EVENT},
)
COUNT = Record(
    required={
        "reference": REFERENCE,
        "warehouse": Text(40),
        "lines": Rows(
            Record(
                required={"sku": Text(64), "quantity": Amount()},
                optional={"expected": Amount(), "unit": Text(16)},
            ),
            least=1,
            most=MOST_STOCK_LINES,
        ),
    },
    optional={"sourceEvent": SOURCE_EVENT, "sourceRevision": Whole()},
)

NOTHING = Record()
FAULT_PLAN = Record(required={"plan": Rows(Whatever(), most=1000)})
"""The plan itself is looked at by plane.py."""

ORDER_EVENT = Record(
    optional={
        "status": Choice(STATUSES),
        "lines": Rows(
            Record(
                required={"lineReference": Text(20)},
                optional={"confirmedQuantity": Amount(), "rejectionReason": Text(255)},
            ),
            least=1,
            most=999,
        ),
    },
)
TOLD = Text(40)
"""A quantity or an amount in a document that the control plane makes: as it is told, readable or not."""

TOLD_LINE = Record(
    required={"lineReference": Text(20), "quantity": TOLD},
    optional={"sku": Text(64), "orderedQuantity": TOLD, "receivedQuantity": TOLD, "reason": Text(255)},
)
ABOUT_A_DOCUMENT: dict[str, Shape] = {
    "lines": Rows(TOLD_LINE, most=999),
    "final": Flag(),
}
ABOUT_A_DELIVERY: dict[str, Shape] = {
    **ABOUT_A_DOCUMENT,
    "warehouse": Text(40),
    "tracks": Rows(
        Record(required={"number": Text(255)}, optional={"carrier": Text(64), "title": Text(255)}),
        most=100,
    ),
}
ABOUT_MONEY: dict[str, Shape] = {
    **ABOUT_A_DOCUMENT,
    "currency": Text(8),
    "amounts": Record(
        optional=dict.fromkeys(
            (
                "subtotal",
                "discount",
                "shipping",
                "tax",
                "adjustmentPositive",
                "adjustmentNegative",
                "grandTotal",
            ),
            TOLD,
        ),
    ),
}
WHOSE: dict[str, Shape] = {"orderReference": REFERENCE}
NEW_DOCUMENTS = {
    "delivery": Record(optional={**ABOUT_A_DELIVERY, **WHOSE}),
    "invoice": Record(optional={**ABOUT_MONEY, **WHOSE}),
    "credit_memo": Record(optional={**ABOUT_MONEY, **WHOSE}),
}
DOCUMENT_EVENT = Record(optional={**ABOUT_A_DELIVERY, **ABOUT_MONEY, "reversed": Flag(), "again": Flag()})
JOB_DECISION = Record(
    required={"decision": Choice(("accept", "reject", "forget"))},
    optional={"code": Text(64), "message": Text(1000)},
)
OPENING_BALANCES = Record(
    required={
        "balances": Rows(
            Record(required={"warehouse": Text(40), "sku": Text(64), "quantity": Amount()}),
            most=10_000,
        ),
    },
)
MASTER_DATA = Record(
    optional={
        "unknownItems": Rows(Text(64), most=10_000),
        "blockedCustomers": Rows(Text(255), most=10_000),
        "closedUntil": DAY,
    },
)
