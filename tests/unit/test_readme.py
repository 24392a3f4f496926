"""README, runbook and changelog are true: commands, tables, files, settings, log lines, the demonstration's output."""

import argparse
import io
import json
import re
import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ops.chaos_run import checker as chaos
from ops.demonstration.checker import Verdict
from ops.demonstration.performance import Glance
from ops.demonstration.show import in_words, summarize
from ops.settings_table import connecting_table, renewed, settings_table
from sidecar import telemetry
from sidecar.blueprint import load_blueprint
from sidecar.cli.main import _parser
from sidecar.domain.delivery import DeliveryState
from sidecar.domain.errors import ConfigurationError
from sidecar.domain.inbound import InboundState
from sidecar.domain.stock import WindowState
from sidecar.mysql.definitions import server_problem, table_definitions, view_definitions
from sidecar.mysql.schema import VERSION_TABLE
from sidecar.settings import load_settings
from tests.benchmarks.figures import TARGETS

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    *("README.md", "ops/runbook.md", "ops/connecting.md", "ops/stock.md", "ops/CHANGELOG.md"),
    "erp_adapters/mapping/README.md",
)
CODE_SPAN = re.compile(r"`([^`\n]+)`")
CODE_LINE = re.compile(r"^    (\S.*)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
HEADINGS = (
    "Promises",
    "Try it",
    "Install on a host",
    "Settings",
    "Operate",
    "How it works",
    "Write an adapter",
    "Develop",
    "Benchmarks",
    "Glossary",
)


def text_of(document: str) -> str:
    return (PROJECT / document).read_text(encoding="utf-8")


README = text_of("README.md")
RUNBOOK = text_of("ops/runbook.md")


def code_in(text: str) -> list[str]:
    return [*CODE_SPAN.findall(text), *CODE_LINE.findall(text)]


# --- Commands, tables, files ----------------------------------------------------------------------


def commands_in(text: str) -> list[str]:
    """Every `erp-sidecar NOUN ...` that a reader could type, up to a pipe, a redirection or a comment."""
    found = [match for code in code_in(text) for match in re.findall(r"(?:^|; |\| )(erp-sidecar [a-z].*)", code)]
    return [re.split(r" [|>#] ?", command)[0] for command in found]


def refusal_of(command: str, capsys: pytest.CaptureFixture[str]) -> str | None:
    try:
        options = _parser().parse_args(shlex.split(command)[1:])
    except SystemExit:
        return capsys.readouterr().err
    return None if isinstance(options, argparse.Namespace) and callable(options.command) else "no command"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_a_document_tells_exists(document: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = commands_in(text_of(document))

    assert commands
    assert {command: refusal for command in commands if (refusal := refusal_of(command, capsys))} == {}


def test_every_command_that_a_hint_in_the_code_tells_exists(capsys: pytest.CaptureFixture[str]) -> None:
    sources = [*(PROJECT / "sidecar").rglob("*.py"), *(PROJECT / "erp_adapters").rglob("*.py")]
    told = {
        match
        for source in sources
        for match in re.findall(r"`?erp-sidecar ((?:[a-z]+ )?[a-z]+)`?", source.read_text(encoding="utf-8"))
    }
    nouns = {"run", "status", "event", "schema", "blueprint", "doctor", "reconcile", "finding"}
    commands = {words for words in told if words.split()[0] in nouns}

    unknown = {
        words for words in commands if (refusal_of(f"erp-sidecar {words} --help", capsys) or "").count("invalid")
    }

    assert len(commands) > len(nouns)
    assert unknown == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_table_and_view_that_a_document_names_is_in_the_schema(document: str) -> None:
    text = re.sub(r"<!-- demo: .*? -->.*?<!-- end of demo: .*? -->", "", text_of(document), flags=re.DOTALL)
    names = {name for code in code_in(text) for name in re.findall(r"\berp_[a-z_]+\b", code)}
    names |= set(re.findall(r"\b(?:FROM|UPDATE|INTO) (erp_[a-z_]+)", text))
    blueprint = load_blueprint(PROJECT / "ops/examples/blueprint.yaml")
    statuses = {status for _, status in blueprint.policy(blueprint.destinations[0]).lifecycle.pairs()}
    others = {"erp_sidecar", "erp_adapters"} | statuses

    assert names - others
    assert names - others <= {*table_definitions(), *view_definitions(), VERSION_TABLE}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_links_to_exists(document: str) -> None:
    folder = (PROJECT / document).parent

    links = {link for link in LINK.findall(text_of(document)) if "://" not in link}

    assert [link for link in links if not (folder / link).is_file()] == []


def test_every_path_that_the_install_steps_copy_exists() -> None:
    named = {word for line in CODE_LINE.findall(README) for word in re.findall(r"(?:ops|outbox_schema)/[\w./-]+", line)}

    assert named
    assert [path for path in named if not (PROJECT / path).exists()] == []


def test_the_servers_named_are_those_that_are_served() -> None:
    assert "MariaDB 10.6 or newer, or MySQL 8.0.19 or newer" in README
    assert server_problem("10.6.0-MariaDB") is None
    assert server_problem("10.5.29-MariaDB") is not None
    assert server_problem("8.0.19") is None
    assert server_problem("8.0.18") is not None


# --- Shape and settings ---------------------------------------------------------------------------


def test_the_readme_keeps_its_order_and_can_be_read_in_one_sitting() -> None:
    assert tuple(re.findall(r"^## (.+)$", README, re.MULTILINE)) == HEADINGS
    assert len(README.splitlines()) < 440


def test_the_tables_of_settings_are_what_the_models_say() -> None:
    connecting = text_of("ops/connecting.md")

    assert renewed(README, settings_table()) == README, "python -m ops.settings_table renews it"
    assert renewed(connecting, connecting_table()) == connecting, "python -m ops.settings_table renews it"


@pytest.mark.parametrize(("document", "fewest"), [("README.md", 30), ("ops/connecting.md", 15)])
def test_every_key_of_a_table_of_settings_is_one_that_the_file_may_have(
    document: str, fewest: int, tmp_path: Path
) -> None:
    table = text_of(document).partition("<!-- settings:")[2].partition("<!-- end of settings -->")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    written = [key.replace("NAME", "erp") for cell in cells for key in CODE_SPAN.findall(cell)]
    settings = tmp_path / "sidecar.toml"
    settings.write_text("".join(f'{key} = "?"\n' for key in written), encoding="utf-8")

    with pytest.raises(ConfigurationError) as caught:  # no value is right
        load_settings(settings)

    assert len(written) > fewest
    assert "unknown key" not in str(caught.value)


# --- Log lines ------------------------------------------------------------------------------------


STATES: dict[str, type[DeliveryState | WindowState | InboundState]] = {
    "event.": DeliveryState,
    "window.": WindowState,
    "inbound.": InboundState,
}


def noted() -> set[str]:
    """Every name under which the code notes something."""
    names: set[str] = set()
    for source in (PROJECT / "sidecar").rglob("*.py"):
        for name in re.findall(r"\bnote\(\s*f?\"([a-z_.]+(?:\{[^}]+\})?)\"", source.read_text(encoding="utf-8")):
            prefix = name.partition("{")[0]
            names |= {f"{prefix}{state}" for state in STATES[prefix]} if "{" in name else {name}
    return names


def lines_in_the_runbook() -> set[str]:
    groups = "|".join(sorted({name.partition(".")[0] for name in noted()}))
    return set(re.findall(rf"`((?:{groups})\.[a-z_]+)`", RUNBOOK))


def test_every_line_in_the_runbook_is_one_that_the_code_writes() -> None:
    assert lines_in_the_runbook()
    assert lines_in_the_runbook() - noted() == set()


def test_every_warning_and_every_error_is_in_the_runbook() -> None:
    alarming = set(telemetry._LEVELS)  # noqa: SLF001 -- the one list of what is more than information

    assert alarming <= noted()
    assert alarming - lines_in_the_runbook() == set()


# --- The benchmark's table ------------------------------------------------------------------------


def test_the_benchmark_table_has_every_figure_with_the_target_that_is_measured_against() -> None:
    (table,) = re.findall(r"<!-- bench: .*? -->\n(.*?)<!-- end of bench -->", README, re.DOTALL)
    heading, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.strip().splitlines()]

    assert heading[:3] == ["figure", "value", "target"]
    assert [row[0] for row in rows] == list(TARGETS)
    bounds = {row[0]: re.sub(r" (met|MISSED)$", "", row[2]) for row in rows if row[1] != "NOT RUN"}
    assert bounds == {name: str(TARGETS[name] or "") for name in bounds}


# --- The demonstration's output -------------------------------------------------------------------


def pasted(kind: str) -> str:
    (block,) = re.findall(rf"<!-- demo: {kind} -->\n(.*?)<!-- end of demo: {kind} -->", README, re.DOTALL)
    return "\n".join(line.removeprefix("    ") for line in str(block).strip("\n").splitlines())


def pasted_round() -> tuple[dict[str, Any], Verdict]:
    figures = json.loads(pasted("json"))
    return figures, Verdict(**{field.name: figures[field.name] for field in fields(Verdict)})


def test_the_pasted_json_has_the_keys_that_the_demo_prints() -> None:
    figures, _ = pasted_round()

    assert list(figures) == ["seed", "seconds", *(field.name for field in fields(Verdict))]


def test_the_pasted_round_kept_every_promise() -> None:
    figures, verdict = pasted_round()

    assert verdict.problems() == []
    assert [figures[name] for name in ("lost", "duplicates", "inversions", "stock_mismatch")] == [0, 0, 0, 0]
    assert verdict.acknowledged + verdict.parked_expected == verdict.released >= 25
    assert verdict.silent_failures_found == verdict.silent_failures_injected >= 1


def test_the_pasted_progress_tells_what_the_demo_tells() -> None:
    told = re.findall(r"^ *\d+\.\d s  (.+)$", pasted("text"), re.MULTILINE)
    sources = "".join(text_of(f"ops/demonstration/{name}.py") for name in ("__main__", "performance"))
    acts = re.findall(r"\bact\(f?\"([^\"{]+)", sources)
    glance = without_figures(in_words(Glance(1, 1, 1, 1, 1, 1, 1)))

    assert len(told) > len(acts)
    assert [line for line in told if not line.startswith(tuple(acts)) and without_figures(line) != glance] == []


def test_the_pasted_summary_is_what_the_demo_prints_of_such_a_round() -> None:
    figures, verdict = pasted_round()
    printed = io.StringIO()
    summarize(verdict, figures["seconds"], figures["seed"], Console(file=printed, width=80))

    assert without_figures(pasted("text").partition("──")[2]) == without_figures(printed.getvalue().partition("──")[2])


def test_the_pasted_chaos_run_has_the_figures_that_are_counted_and_kept_every_promise() -> None:
    (block,) = re.findall(r"<!-- chaos: json -->\n(.*?)<!-- end of chaos: json -->", README, re.DOTALL)
    figures = json.loads(block)
    about = ("seed", "seconds", "server")

    verdict = chaos.Verdict(**{name: value for name, value in figures.items() if name not in about})

    assert list(figures) == [*about, *chaos.Verdict().numbers()]
    assert verdict.problems() == []


def without_figures(summary: str) -> list[str]:
    """The words alone: two rounds of one seed meet the same faults, at other times."""
    return re.sub(r"[\d.,─]+", " ", summary).split()
