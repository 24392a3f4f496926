"""The interface as a table: which path is which operation, who may do it, who does it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from erp_adapters.sandbox import control, counts, customers, documents, fulfilment, jobs, orders, refunds, stock
from erp_adapters.sandbox.answers import Answer, Detail, RefusedError, now
from erp_adapters.sandbox.call import Call
from erp_adapters.sandbox.control import Tally
from erp_adapters.sandbox.faults import FaultPlan
from erp_adapters.sandbox.ledger import Reading, Writing
from erp_adapters.sandbox.shapes import Record

PRODUCT, VERSION = "Sandbox ERP", "1.0"
NUMBER = r"(?P<number>[A-Z]{2}-[0-9]{1,18})"
PATHS = {"delivery": "deliveries", "invoice": "invoices", "credit_memo": "credit-memos"}
CONTROL = "control"
ANY_PERMISSION = ""


@dataclass(frozen=True)
class Reads:
    """Work that only looks at the ledger."""

    work: Callable[[Reading, Call], Answer]


@dataclass(frozen=True)
class Writes:
    """Work that is one transaction of the ledger."""

    work: Callable[[Writing, Call], Answer]


@dataclass(frozen=True)
class Route:
    """One operation of the interface. Where `parameter` is given, the query must hold it."""

    method: str
    path: str
    operation: str
    permission: str
    does: Reads | Writes
    shape: Record = documents.NOTHING
    parameter: str = ""

    def number_in(self, path: str) -> str | None:
        """Give the document number in a path that fits."""
        found = re.fullmatch(self.path, path)
        return found["number"] if found and "number" in found.groupdict() else None


def routes(plan: FaultPlan, tally: Tally, clerk: jobs.Clerk) -> tuple[Route, ...]:
    """Lay out the whole interface."""
    return (
        Route("GET", "/api/ping", "ping", ANY_PERMISSION, Reads(ping)),
        *_order_routes(),
        *_document_routes(),
        Route("GET", f"/api/jobs/{NUMBER}", "job.read", "orders.read", Reads(jobs.read)),
        *_refund_routes(),
        *_customer_routes(),
        *_stock_routes(),
        *_control_routes(plan, tally, clerk),
    )


def order_works() -> dict[str, jobs.Work]:
    """Who does which of the operations that may be put aside."""
    return {route.operation: route.does.work for route in _order_routes() if isinstance(route.does, Writes)}


def find_route(table: tuple[Route, ...], method: str, path: str, parameters: set[str]) -> Route:
    """Find the operation of a request. Raises a refusal (404, 405, 400) if there is none."""
    here = [route for route in table if re.fullmatch(route.path, path)]
    if not here:
        raise RefusedError(404, "NOT_FOUND", "There is nothing at this path.")
    allowed = [route for route in here if route.method == method]
    if not allowed:
        methods = ", ".join(sorted({route.method for route in here}))
        raise RefusedError(405, "METHOD_NOT_ALLOWED", f"Here only {methods} is allowed.")
    for route in allowed:
        if not route.parameter or route.parameter in parameters:
            return route
    needed = " or ".join(route.parameter for route in allowed)
    message = f"The query needs {needed}."
    raise RefusedError(400, "VALIDATION_FAILED", message, [Detail(needed, "is missing")])


def ping(_ledger: Reading, call: Call) -> Answer:
    """Say that the ERP is there, and what the key may do."""
    said = {"product": PRODUCT, "version": VERSION, "time": now(), "permissions": list(call.permissions)}
    return Answer(200, said)


def _order_routes() -> tuple[Route, ...]:
    write, read = "orders.write", "orders.read"
    all_orders, one_order = "/api/orders", f"/api/orders/{NUMBER}"
    return (
        Route("POST", all_orders, "order.create", write, Writes(orders.create), documents.NEW_ORDER),
        Route("PUT", one_order, "order.change", write, Writes(orders.change), documents.CHANGED_ORDER),
        Route(
            "POST",
            f"{one_order}/cancel",
            "order.cancel",
            write,
            Writes(orders.cancel),
            documents.CANCELLATION,
        ),
        Route("GET", all_orders, "order.find", read, Reads(orders.find), parameter="reference"),
        Route(
            "GET",
            all_orders,
            "order.find",
            read,
            Reads(orders.find_by_customer_reference),
            parameter="customerReference",
        ),
        Route("GET", all_orders, "order.changes", read, Reads(orders.follow), parameter="since"),
        Route("GET", all_orders, "order.changes", read, Reads(orders.follow_by_clock), parameter="changedSince"),
        Route("GET", one_order, "order.read", read, Reads(orders.read)),
    )


def _document_routes() -> tuple[Route, ...]:
    found: list[Route] = []
    for kind in fulfilment.KINDS:
        path, operation = f"/api/{PATHS[kind.name]}", f"{kind.name}.changes"
        follow, by_clock = partial(fulfilment.follow, kind=kind), partial(fulfilment.follow_by_clock, kind=kind)
        one = Reads(partial(fulfilment.read, kind=kind))
        found += [
            Route("GET", path, operation, "orders.read", Reads(follow), parameter="since"),
            Route("GET", path, operation, "orders.read", Reads(by_clock), parameter="changedSince"),
            Route("GET", f"{path}/{NUMBER}", f"{kind.name}.read", "orders.read", one),
        ]
    return tuple(found)


def _refund_routes() -> tuple[Route, ...]:
    write, read, all_refunds = "orders.write", "orders.read", "/api/refunds"
    return (
        Route("POST", all_refunds, "refund.create", write, Writes(refunds.create), documents.REFUND),
        Route("GET", all_refunds, "refund.find", read, Reads(refunds.find), parameter="reference"),
        Route("GET", f"{all_refunds}/{NUMBER}", "refund.find", read, Reads(refunds.read)),
    )


def _customer_routes() -> tuple[Route, ...]:
    write, read, all_customers = "orders.write", "orders.read", "/api/customers"
    return (
        Route("POST", all_customers, "customer.put", write, Writes(customers.put), documents.CUSTOMER),
        Route("GET", all_customers, "customer.find", read, Reads(customers.find), parameter="reference"),
        Route("GET", f"{all_customers}/{NUMBER}", "customer.find", read, Reads(customers.read)),
    )


def _stock_routes() -> tuple[Route, ...]:
    write, read = "stock.write", "stock.read"
    movements, demands = "/api/stock-movements", "/api/stock-demand"
    return (
        Route("POST", movements, "stock.post", write, Writes(stock.post), documents.MOVEMENT),
        Route("GET", movements, "stock.find", read, Reads(stock.find), parameter="reference"),
        Route("GET", f"{movements}/{NUMBER}", "stock.find", read, Reads(stock.read)),
        Route("GET", "/api/stock", "stock.read", read, Reads(stock.on_hand)),
        Route("PUT", "/api/stock-levels", "stock.count", write, Writes(counts.put), documents.COUNT),
        Route("POST", demands, "demand.post", write, Writes(stock.post_demand), documents.MOVEMENT),
        Route("GET", demands, "demand.find", read, Reads(stock.find_demand), parameter="reference"),
        Route("GET", f"{demands}/{NUMBER}", "demand.find", read, Reads(stock.read_demand)),
    )


def _control_routes(plan: FaultPlan, tally: Tally, clerk: jobs.Clerk) -> tuple[Route, ...]:
    def of(method: str, path: str, does: Reads | Writes, shape: Record = documents.NOTHING) -> Route:
        return Route(method, f"/_control/{path}", CONTROL, CONTROL, does, shape)

    return (
        of("POST", "faults", Reads(partial(control.set_faults, plan=plan)), documents.FAULT_PLAN),
        of("GET", "faults", Reads(partial(control.show_faults, plan=plan))),
        of("GET", "requests", Reads(partial(control.show_requests, tally=tally))),
        of("POST", f"orders/{NUMBER}", Writes(orders.attend_to), documents.ORDER_EVENT),
        *(
            of(
                "POST",
                f"orders/{NUMBER}/{PATHS[kind.name]}",
                Writes(partial(fulfilment.make, kind=kind)),
                documents.NEW_DOCUMENTS[kind.name],
            )
            for kind in fulfilment.KINDS
        ),
        of("POST", f"documents/{NUMBER}", Writes(fulfilment.amend), documents.DOCUMENT_EVENT),
        of("GET", "jobs", Reads(jobs.show)),
        of("POST", f"jobs/{NUMBER}", Writes(clerk.decide), documents.JOB_DECISION),
        of("POST", "stock", Writes(stock.set_opening_balances), documents.OPENING_BALANCES),
        of("POST", "masterdata", Writes(control.set_master_data), documents.MASTER_DATA),
    )
