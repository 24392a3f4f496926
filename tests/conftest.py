"""Which servers tests run on, and what is left out here, by name."""

import os
from collections.abc import Generator, Iterator, Sequence
from functools import cache
from typing import Any

import hypothesis
import pytest

from ops.embedded.containers import docker_answers
from ops.embedded.mariadb import MariaDb, running_mariadb
from ops.embedded.mysql97 import mysql_is_available
from ops.embedded.programs import PROJECT, find_program
from tests.support.not_run import (
    count_deselected,
    deselect_what_cannot_run,
    fail_if_skipped,
    first_reason,
    hear_from_worker,
    not_run_lines,
    tell_reporter,
)
from tests.support.odoo import why_no_odoo
from tests.support.servers import (
    MARIADB,
    MYSQL,
    NO_MARIADB,
    NO_MYSQL,
    Database,
    Engine,
    Servers,
    empty_schema,
    engines,
    mariadb_engine,
    mysql_engine,
)

pytest_plugins = ["erp_adapters.conformance.plugin"]  # lists what an ERP cannot play as NOT PLAYED

SHARED = PROJECT.parent / "shared"
FAILED_STEPS = "CHECK_FAILED_STEPS"
QUICK = "left out by --quick"

REASONS = {
    "needs_shared": lambda: None if SHARED.is_dir() else "the material to compare with is not beside this checkout",
    "needs_php": lambda: None if find_program("php") else "no PHP here (ops/lib/unpack php brings one)",
    "needs_odoo": why_no_odoo,
    "needs_docker": lambda: None if docker_answers() else "no Docker daemon answers",
    "needs_mariadb": lambda: None if find_program("mariadbd") else NO_MARIADB,
    "needs_mysql": lambda: None if mysql_is_available() else NO_MYSQL,
    "mysql_url": lambda: None if mysql_is_available() else NO_MYSQL,
    "mariadb_url": lambda: None if find_program("mariadbd") else NO_MARIADB,
    "crashable_mariadb": lambda: None if find_program("mariadbd") else NO_MARIADB,
}
SLOW = frozenset({"slow", "mysql_url"})

all_engines = cache(engines)

hypothesis.settings.register_profile("check", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=25)


# --- What runs ------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out slow tests and the second database server")


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("quick" if config.getoption("quick") else "check")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" not in metafunc.fixturenames:
        return
    families = {family for family in (MYSQL, MARIADB) if metafunc.definition.get_closest_marker(family)}
    chosen = [engine for engine in all_engines() if not families or engine.family in families]
    if not chosen:
        chosen = [mariadb_engine() if MARIADB in families else mysql_engine()]
    metafunc.parametrize("database", chosen, ids=[engine.name for engine in chosen], indirect=True)


@pytest.hookimpl(trylast=True)  # after -k and -m: only what was asked for can be NOT RUN
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    quick = bool(config.getoption("quick"))
    deselect_what_cannot_run(config, items, lambda item: reason_not_to_run(item, quick=quick))


def reason_not_to_run(item: pytest.Item, *, quick: bool) -> str | None:
    """Why this test cannot run here, or None."""
    names = [marker.name for marker in item.iter_markers()] + list(getattr(item, "fixturenames", ()))
    callspec = getattr(item, "callspec", None)
    engine = callspec.params.get("database") if callspec else None
    if isinstance(engine, Engine):
        if quick and engine.left_out_by_quick:
            return QUICK
        if engine.why_not:
            return engine.why_not
    if quick and SLOW.intersection(names):
        return QUICK
    return first_reason(names, REASONS)


# --- What is reported -----------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)  # outermost, so its lines stand next to the closing one
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    yield
    for line in not_run_lines(config):
        terminalreporter.write_line(line)
    if os.environ.get(FAILED_STEPS):
        terminalreporter.write_line(f"FAILED before the tests: {os.environ[FAILED_STEPS]}", red=True)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    count_deselected(items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    tell_reporter(session.config)


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, in the process that reports
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 (its class ships no types)
    hear_from_worker(node.config, getattr(node, "workeroutput", {}))


# --- Servers --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Every server of this run."""
    pool = Servers()
    yield pool
    pool.stop()


@pytest.fixture
def database(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Database]:
    """An empty schema of one's own, on each engine in turn."""
    engine: Engine = request.param
    with empty_schema(engine, servers.address_of(engine)) as schema:
        yield schema


@pytest.fixture(scope="session")
def mariadb_url(servers: Servers) -> str:
    """The URL of a MariaDB server, without a schema."""
    return servers.address_of(mariadb_engine()).url()


@pytest.fixture(scope="session")
def mysql_url(servers: Servers) -> str:
    """The URL of a MySQL server, without a schema."""
    return servers.address_of(mysql_engine()).url()


@pytest.fixture
def crashable_mariadb() -> Iterator[MariaDb]:
    """A MariaDB of one's own: `kill()` it as a power cut would, `start()` it again."""
    with running_mariadb() as server:
        yield server
