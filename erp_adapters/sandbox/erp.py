"""The ERP behind its interface: what is asked, which fault strikes, what is answered."""

import sqlite3
import sys
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import assert_never

from erp_adapters.sandbox import jobs
from erp_adapters.sandbox.answers import Answer, JsonObject, RefusedError, broken
from erp_adapters.sandbox.call import Call, House
from erp_adapters.sandbox.caller import Caller
from erp_adapters.sandbox.control import Tally
from erp_adapters.sandbox.documents import NOTHING
from erp_adapters.sandbox.door import Keys, Request, check_permission
from erp_adapters.sandbox.faults import LISTING_KINDS, SPOILING_KINDS, FaultPlan, instead, refusal, spoil
from erp_adapters.sandbox.journal import note_fault, note_refusal
from erp_adapters.sandbox.ledger import Ledger
from erp_adapters.sandbox.listing import twisted
from erp_adapters.sandbox.plane import Kind, Rule, Strikes, strikes
from erp_adapters.sandbox.routes import CONTROL, Reads, Route, Writes, find_route, order_works, routes
from erp_adapters.sandbox.shapes import inspect

UNANSWERED_KINDS = (Kind.LOSE_RESPONSE, Kind.ERROR_AFTER)


class Erp:
    """Answers requests. None instead of an answer means: close the connection without a word."""

    def __init__(self, ledger: Ledger, keys: Keys, house: House, plan: FaultPlan) -> None:
        """Open for business."""
        self._ledger, self._keys, self._house, self._plan = ledger, keys, house, plan
        self._tally = Tally()
        self._clerk = jobs.Clerk(house, order_works())
        self._routes = routes(plan, self._tally, self._clerk)
        self.put_aside = Event()
        """Set when the clerk has something to look at."""

    def work_off(self) -> timedelta | None:
        """Do what was put aside and is due; tells how long the next of it still waits."""
        while (wait := self._clerk.do_next(self._ledger)) == timedelta(0):
            pass
        return wait

    def answer(self, request: Request, caller: Caller) -> Answer | None:
        """Do what is asked, once, and say what came of it."""
        try:
            permissions = self._keys.admit(request)
            route = find_route(self._routes, request.method, request.path, set(request.query))
            check_permission(route, permissions)
        except RefusedError as refused:
            return refused.answer if request.path.startswith("/_control/") else self.refuse(refused)
        if route.permission == CONTROL:
            return self._control(route, request, permissions)
        caller.wait(self._house.latency.total_seconds())
        answer = self._serve(route, request, permissions, caller)
        self._tally.count(route.operation, answer)
        return answer

    def refuse(
        self,
        refused: RefusedError,
        operation: str | None = None,
        reference: object = None,
        source_event: object = None,
    ) -> Answer:
        """Answer a refusal and keep it in the ledger."""
        with self._ledger.writing() as books:
            note_refusal(books, refused, operation, reference, source_event)
        return refused.answer

    def _control(self, route: Route, request: Request, permissions: tuple[str, ...]) -> Answer:
        try:
            body = _body_for(route, request)
            return self._work(route, self._call(route, request, body, permissions), None)
        except RefusedError as refused:
            return refused.answer

    def _serve(self, route: Route, request: Request, permissions: tuple[str, ...], caller: Caller) -> Answer | None:
        body: JsonObject = {}
        try:
            body = _body_for(route, request)
            call = self._call(route, request, body, permissions)
        except RefusedError as refused:
            return self.refuse(refused, route.operation, body.get("reference"), body.get("sourceEvent"))
        rule = self._plan.draw(call)
        return self._strike(route, call, rule, caller) if rule else self._try(route, call)

    def _call(self, route: Route, request: Request, body: JsonObject, permissions: tuple[str, ...]) -> Call:
        kept = inspect(route.shape, body)
        number = route.number_in(request.path)
        return Call(
            operation=route.operation,
            house=self._house,
            number=number,
            query=request.query,
            references=self._references(request, number, kept.body),
            sent=kept.body,
            stored=kept.body,
            dropped=kept.dropped,
            permissions=permissions,
        )

    def _references(self, request: Request, number: str | None, body: JsonObject) -> tuple[str, ...]:
        if "reference" in body:
            return (str(body["reference"]),)
        if number is None:
            return tuple(request.query.get("reference", ()))
        with self._ledger.reading() as books:
            return tuple(row["reference"] for row in books.all("reference_of_document", number=number))

    def _strike(self, route: Route, call: Call, rule: Rule, caller: Caller) -> Answer | None:
        """Let the fault happen. It is noted in the transaction of the work that it touches."""
        refused = refusal(rule)
        if refused:
            return self._refuse_work(call, rule, refused)
        if strikes(rule.kind) is Strikes.INSTEAD:
            self._note(call, rule)
            if rule.kind is Kind.HANG:
                caller.wait_until_gone()
            return instead(rule)
        if rule.kind is Kind.ACCEPT_LATER:
            return self._put_aside(call, rule)
        stored, lost = spoil(rule.kind, call.sent)
        caller.wait(rule.waits_before)
        answer = self._try(route, _bent(replace(call, stored=stored), rule), rule, lost)
        caller.wait(rule.waits_after)
        if rule.kind is Kind.LOSE_RESPONSE:
            return None
        if rule.kind in LISTING_KINDS:
            return twisted(rule.kind, answer)
        return broken() if rule.kind is Kind.ERROR_AFTER else answer

    def _put_aside(self, call: Call, rule: Rule) -> Answer:
        with self._ledger.writing() as books:
            answer = jobs.accept(books, call, rule.seconds, rule.retry_after)
            note_fault(books, call, rule, answer, {})
        self.put_aside.set()
        return answer

    def _try(self, route: Route, call: Call, rule: Rule | None = None, lost: JsonObject | None = None) -> Answer:
        try:
            return self._work(route, call, rule, lost)
        except RefusedError as refused:
            return self._refuse_work(call, rule, refused)
        except sqlite3.Error as failure:
            sys.stderr.write(f"The ledger failed: {failure}\n")
            return broken()

    def _work(self, route: Route, call: Call, rule: Rule | None, lost: JsonObject | None = None) -> Answer:
        match route.does:
            case Writes(work):
                with self._ledger.writing() as books:
                    answer = work(books, call)
                    if rule and rule.kind is Kind.DUPLICATE_ACCEPT:
                        work(books, replace(call, house=replace(call.house, reject_duplicates=False)))
                    if rule:
                        note_fault(books, call, rule, answer, lost or {})
            case Reads(look):
                with self._ledger.reading() as shown:
                    answer = look(shown, call)
                if rule:
                    self._note(call, rule, answer)
            case _:
                assert_never(route.does)
        return answer

    def _refuse_work(self, call: Call, rule: Rule | None, refused: RefusedError) -> Answer:
        if rule and rule.kind in SPOILING_KINDS:
            self._plan.give_back(rule)
        elif rule:
            self._note(call, rule)
        if rule and rule.kind in UNANSWERED_KINDS:
            return refused.answer
        return self.refuse(refused, call.operation, " ".join(call.references), call.source_event)

    def _note(self, call: Call, rule: Rule, answer: Answer | None = None) -> None:
        with self._ledger.writing() as books:
            note_fault(books, call, rule, answer, {})


def _bent(call: Call, rule: Rule) -> Call:
    """What a rule does to a request beside its content."""
    match rule.kind:
        case Kind.PARTIAL_BATCH:
            return replace(call, held_items=frozenset(line["sku"] for line in call.sent["lines"][1::2]))
        case Kind.STALE_READ:
            lag = max(call.house.visibility_lag, timedelta(seconds=rule.seconds or 0))
            return replace(call, house=replace(call.house, visibility_lag=lag))
        case _:
            return call


def _body_for(route: Route, request: Request) -> JsonObject:
    return {} if route.shape is NOTHING else request.json_body()
