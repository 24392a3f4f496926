"""What a person sees of a sale when it is over."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.demonstration.flash_sale.checker import Verdict
from ops.demonstration.flash_sale.conduct import Sale


def summarize(verdict: Verdict, seconds: float, sale: Sale, compression: float, console: Console) -> None:
    """Print what came of it."""
    v = verdict
    console.print()
    console.rule(f"[bold]Seed {sale.seed}, {seconds:.0f} seconds[/]", style="dim")
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="center")
    table.add_column(style="bold")
    table.add_column()

    def row(promise: str, words: str, *failures: tuple[int, str]) -> None:
        broken = "; ".join(f"{count} {failure}" for count, failure in failures if count)
        table.add_row(Text("✗", "bold red") if broken else Text("✓", "green"), promise, broken or words)

    row(
        "Told once",
        f"each of {v.deltas} stock changes is in one of {v.windows} windows, {v.late_deltas} of them late",
        (v.in_no_window, "are in none"),
        (v.in_several, "are in several"),
        (v.foreign, "are where they do not belong"),
        (v.wrong_sums, "lines are not their sum"),
    )
    row(
        "Booked once",
        "the ERP has each window as it was folded, whatever got lost",
        (v.not_booked_as_folded, "windows are otherwise in the ERP"),
        (v.unfinished, "windows are not done"),
        (v.refused_lines, "lines were refused"),
    )
    row("Stock agrees", "every warehouse, every SKU, and what is reserved", (v.mismatch, "balances differ"))
    row("Few calls", f"{v.calls} calls to the ERP, {v.calls_saved} fewer than changes")
    console.print(table)
    struck = ", ".join(f"{count} x {kind}" for kind, count in v.faults.items())
    console.print(f"\n[dim]What the ERP did meanwhile:[/] {struck or 'nothing unusual'}")
    console.print(f"Ten minutes of a sale were played {compression:g} times as fast; so were the windows' times.\n")
    problems = v.problems()
    for problem in problems:
        console.print(f"[bold red]Broken:[/] {problem}.")
    if not problems:
        console.print("[bold green]Every promise was kept.[/]")
