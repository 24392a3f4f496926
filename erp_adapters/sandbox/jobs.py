"""Work that is accepted now and done later: a caller gets a handle, and asks for what became of it."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import timedelta

from erp_adapters.sandbox.answers import Answer, JsonObject, RefusedError
from erp_adapters.sandbox.call import Call, House
from erp_adapters.sandbox.ledger import Ledger, Reading, Writing, as_text

Work = Callable[[Writing, Call], Answer]


def accept(ledger: Writing, call: Call, seconds: float | None, retry_after: int | None) -> Answer:
    """Put a request aside; it is done after so many seconds, or when people in the ERP get to it."""
    handle = f"JB-{ledger.next_of('JB')}"
    ledger.run(
        "insert_job",
        handle=handle,
        operation=call.operation,
        reference=" ".join(call.references),
        number=call.number,
        request=as_text(call.sent),
        dropped=as_text(call.dropped),
        retry_after=retry_after,
        wait_us=None if seconds is None else round(seconds * 1_000_000),
    )
    return Answer(202, {"handle": handle, "status": "pending"}, _come_back(retry_after))


def read(ledger: Reading, call: Call) -> Answer:
    """Say what became of a request."""
    job = _find(ledger, call.named)
    headers = _come_back(job["retry_after"]) if job["state"] == "pending" else {}
    return Answer(200, {"handle": job["handle"], "status": job["state"], **json.loads(job["answer"])}, headers)


def show(ledger: Reading, _call: Call) -> Answer:
    """Show every request that was put aside."""
    names = {"handle": "handle", "operation": "operation", "reference": "reference", "state": "status"}
    jobs = [{name: row[column] for column, name in names.items()} for row in ledger.all("all_jobs")]
    return Answer(200, {"jobs": jobs})


class Clerk:
    """Does what was put aside."""

    def __init__(self, house: House, works: Mapping[str, Work]) -> None:
        """Know who does which operation."""
        self._house, self._works = house, works

    def decide(self, ledger: Writing, call: Call) -> Answer:
        """Do what a person says about one request: do it, refuse it, or lose it."""
        job = _find(ledger, call.named)
        if job["state"] != "pending" and call.sent["decision"] != "forget":
            raise RefusedError(409, "DECIDED", f"{job['handle']} is {job['state']} already.")
        match call.sent["decision"]:
            case "forget":
                ledger.run("forget_job", handle=job["handle"])
                return Answer(200, {"handle": job["handle"], "status": "forgotten"})
            case "reject":
                words = call.sent.get("message", "The order desk refuses this.")
                refused = RefusedError(422, call.sent.get("code", "REFUSED"), words)
                return self._close(ledger, job, "rejected", refused.answer.body)
            case _:
                return self._do(ledger, job)

    def do_next(self, ledger: Ledger) -> timedelta | None:
        """Do the request that is due; else say how long the next one still waits, None where none does."""
        with ledger.writing() as books:
            job = books.first("next_job")
            if job is None:
                return None
            if job["due_us"] > books.at_us:
                return timedelta(microseconds=job["due_us"] - books.at_us)
            self._do(books, job)
            return timedelta(0)

    def _do(self, ledger: Writing, job: sqlite3.Row) -> Answer:
        request = json.loads(job["request"])
        call = Call(
            operation=job["operation"],
            house=self._house,
            number=job["number"],
            query={},
            references=(job["reference"],),
            sent=request,
            stored=request,
            dropped=tuple(json.loads(job["dropped"])),
        )
        try:
            result = self._works[job["operation"]](ledger, call).body
        except RefusedError as refused:
            return self._close(ledger, job, "rejected", refused.answer.body)
        return self._close(ledger, job, "done", {"result": result})

    def _close(self, ledger: Writing, job: sqlite3.Row, state: str, answer: JsonObject) -> Answer:
        ledger.run("decide_job", handle=job["handle"], state=state, answer=as_text(answer))
        return Answer(200, {"handle": job["handle"], "status": state, **answer})


def _find(ledger: Reading, handle: str) -> sqlite3.Row:
    job = ledger.first("job_by_handle", handle=handle)
    if not job:
        raise RefusedError(404, "NOT_FOUND", f"There is no request {handle}.")
    return job


def _come_back(retry_after: int | None) -> Mapping[str, str]:
    return {} if retry_after is None else {"Retry-After": str(retry_after)}
