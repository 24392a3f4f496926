"""What a person sees: the round as it happens, and a summary worth reading."""

import sys
import time
from itertools import zip_longest

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ops.demonstration.checker import Verdict
from ops.demonstration.performance import Glance

LINE_EVERY = 3.0
MEANINGS = {
    "lose_response_after_commit": "answer lost after it was booked",
    "lose_request": "request lost on its way",
    "http_500_before_commit": "error 500, and nothing was booked",
    "http_500_after_commit": "error 500, although it was booked",
    "http_503": "closed for a second (503)",
    "http_429": "overworked for a second (429)",
    "reject": "order refused for business reasons",
    "drop_line": "line dropped without a word",
    "delay": "slow answer",
}


class PlainAudience:
    """Lines on standard error, for logs and pipes."""

    def __init__(self) -> None:
        """Start the clock."""
        self._began = self._told = time.monotonic()

    def act(self, title: str) -> None:
        """Tell it at once."""
        self._line(title)

    def glance(self, glance: Glance) -> None:
        """Tell it every three seconds."""
        self.progress(in_words(glance))

    def progress(self, words: str) -> None:
        """The same, in words."""
        if time.monotonic() - self._told >= LINE_EVERY:
            self._told = time.monotonic()
            self._line(words)

    def _line(self, words: str) -> None:
        print(f"{time.monotonic() - self._began:5.1f} s  {words}", file=sys.stderr, flush=True)


class TerminalAudience:
    """Acts scroll by; beneath them one table lives."""

    def __init__(self, live: Live) -> None:
        """Draw on a display that is open."""
        self._live, self._began = live, time.monotonic()

    def act(self, title: str) -> None:
        """Put a line above the table."""
        self._live.console.print(f"[dim]{time.monotonic() - self._began:5.1f} s[/]  {title}")

    def progress(self, words: str) -> None:
        """One line in the table's place."""
        self._live.update(Text(words, "dim"))

    def glance(self, glance: Glance) -> None:
        """Draw the table again."""
        table = Table.grid(padding=(0, 3))
        for _ in range(3):
            table.add_column(justify="right")
            table.add_column(justify="left", style="dim")
        table.add_row(str(glance.orders), "orders placed", str(glance.documents), "orders in the ERP",
                      str(glance.acknowledged), "acknowledged in Magento")  # fmt: skip
        table.add_row(str(glance.events), "events committed", str(glance.versions), "versions accepted",
                      str(glance.movements), "stock movements")  # fmt: skip
        table.add_row("", "", str(glance.faults), "faults injected", "", "")
        self._live.update(table)


def in_words(glance: Glance) -> str:
    """One line that says how things stand."""
    return (
        f"{glance.orders} orders placed, {glance.events} events, {glance.documents} orders in the ERP, "
        f"{glance.acknowledged} acknowledged, {glance.movements} stock movements, {glance.faults} faults"
    )


def summarize(verdict: Verdict, seconds: float, seed: int, console: Console) -> None:
    """Print what came of the round."""
    console.print()
    console.rule(f"[bold]Seed {seed}, {seconds:.0f} seconds[/]", style="dim")
    console.print(_promises(verdict))
    console.print("\n[dim]What the ERP did meanwhile[/]")
    console.print(_faults(verdict))
    console.print("\n[dim]From COMMIT in the shop to acceptance in the ERP[/]")
    console.print(_timing(verdict))
    console.print()
    problems = verdict.problems()
    for problem in problems:
        console.print(f"[bold red]Broken:[/] {problem}.")
    if not problems:
        console.print("[bold green]Every promise was kept.[/]")


def _promises(verdict: Verdict) -> Table:
    v = verdict
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="center")
    table.add_column(style="bold")
    table.add_column()

    def row(promise: str, words: str, *failures: tuple[int, str]) -> None:
        broken = "; ".join(f"{count} {failure}" for count, failure in failures if count)
        table.add_row(Text("✗", "bold red") if broken else Text("✓", "green"), promise, broken or words)

    def untried(promise: str, words: str) -> None:
        table.add_row(Text("-", "dim"), promise, words)

    lines = f"{v.delivered} events of {v.released - v.parked_expected} orders arrived, to the line and to the cent"
    row("Nothing lost", lines, (v.lost, f"of {v.events} events, or documents of theirs, were lost"))
    if v.erp_documents:
        doubled = f"{v.erp_documents} orders in an ERP that takes every duplicate"
        row("Nothing doubled", doubled, (v.duplicates, "documents or movements are too many"))
        order = "no version of an order overtook another"
        row("In order", order, (v.inversions, "versions were overtaken by newer ones"))
    else:
        untried("Nothing doubled", "no order is in the ERP")
        untried("In order", "no order is in the ERP")
    apart = [
        (v.parked_expected, "refused, for a person"),
        (v.rejections_resolved, "after a refusal"),
        (v.overwrites_repaired, "again after a stale save"),
    ]
    row(
        "Acknowledged",
        "; ".join([f"{v.acknowledged} orders carry the ERP's number", *(f"{n} {words}" for n, words in apart if n)]),
        (v.released - v.parked_expected - v.acknowledged, f"of {v.released} released orders lack the ERP's number"),
        (v.refused_unexpectedly, "requests were refused, which was not planned"),
        (v.overwritten - v.overwrites_repaired, "numbers that a stale save took away did not come back"),
    )
    held = f"{v.orders - v.released - v.twins_kept_back} orders unpaid, held or under review stayed in the shop"
    row("Held back", held, (v.unreleased_sent, "documents or versions went out before their release"))
    if v.twins:
        kept = f"of {v.twins} cart with two orders the ERP has the one that was kept"
        row("Ordered twice", kept, (v.twins - v.twins_kept_back, "second orders of a cart were not kept back"))
    else:
        untried("Ordered twice", "no cart was ordered twice")
    if v.fulfilments:
        back = f"{v.fulfilments} documents of the ERP are Magento's shipment and invoice"
        row("The way back", back, (v.fulfilments - v.fulfilments_in_magento, "are not in Magento, or are there twice"))
    else:
        untried("The way back", "the ERP wrote no documents of its own")
    row(
        "Stock adds up",
        f"{v.stock_deltas} changes went out as {v.stock_windows} movements",
        (v.stock_mismatch, "balances differ"),
        (v.stock_lines_rejected, "lines were rejected, which was not planned"),
    )
    if v.silent_failures_injected:
        silent = f"of {v.silent_failures_injected} orders that lost a line unannounced were"
        found = f"{v.silent_failures_found} {silent} found"
        row("Silence broken", found, (v.silent_failures_injected - v.silent_failures_found, f"{silent} not found"))
    else:
        untried("Silence broken", "no order lost a line unannounced")
    return table


def _faults(verdict: Verdict) -> Table:
    """Two columns, to be read downwards."""
    told = [(f"{count} x", MEANINGS.get(kind, kind)) for kind, count in verdict.faults.items()]
    if verdict.outages:
        told.append((f"{verdict.outages} x", "kill -9; this one met the sidecar"))
    rows = (len(told or ["nothing"]) + 1) // 2
    table = Table.grid(padding=(0, 2))
    for left, right in zip_longest(told[:rows] or [("", "nothing unusual")], told[rows:], fillvalue=("", "")):
        table.add_row(*left, *right)
    return table


def _timing(verdict: Verdict) -> str:
    if verdict.p50_ms is None:
        return "nothing to time"
    return (
        f"half within {verdict.p50_ms} ms, 99 of 100 within {verdict.p99_ms} ms"
        f"\n{verdict.timed_events} versions timed; {verdict.faulted_events} more met a fault"
    )
