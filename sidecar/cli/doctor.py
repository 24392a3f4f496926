"""`erp-sidecar doctor`: everything that can be checked before anything is sent, a line each, with what to type."""

import argparse
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns
from sidecar.domain.contract import Contract
from sidecar.domain.documents import Health
from sidecar.domain.errors import ConfigurationError, SchemaError, SidecarError
from sidecar.domain.events import DestinationName
from sidecar.domain.examination import (
    CLOCK_SKEW,
    ERP_SKEW,
    Check,
    Verdict,
    judge_certificate,
    judge_clock,
    judge_contract,
    judge_disk,
    judge_exports,
    judge_server,
    judge_shop,
    judge_statuses,
)
from sidecar.domain.identity import UNTROUBLED
from sidecar.domain.special_cases import judge_terms
from sidecar.domain.stock_examination import judge_stock
from sidecar.domain.stock_feed import StockFeedPolicy
from sidecar.engine.identity import trouble
from sidecar.magento.stock import RestStock
from sidecar.mysql import examination, schema
from sidecar.mysql.drift import drift
from sidecar.mysql.rights import HOLDS, STOCK, require_rights
from sidecar.mysql.salable import SalableStock
from sidecar.mysql.stock_examination import stock_facts
from sidecar.mysql.stock_writes import SqlStock
from sidecar.telemetry import Telemetry
from sidecar.wiring import Installation, install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = nouns.add_parser("doctor", parents=[shared], help="check settings, database and ERPs; changes nothing")
    parser.set_defaults(command=_examine)


def _examine(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        checks = list(_checks(installation))
    rows = [{"check": one.check, "state": str(one.state), "found": one.found, "do": one.do} for one in checks]
    failed = sum(one.state is Verdict.FAIL for one in checks)
    output.table("Examination", rows, empty="")
    if not output.as_json:
        doubtful = sum(one.state in (Verdict.WARN, Verdict.UNKNOWN) for one in checks)
        output.say(f"{len(checks)} checks: {failed} failed, {doubtful} to look at." if failed or doubtful else _SOUND)
    return 1 if failed else 0


_SOUND = "Settings, database and every ERP are in order."


def _checks(installation: Installation) -> Iterator[Check]:
    """Settings and blueprint were read to get here; whatever is wrong with them has been said then."""
    database, blueprint = installation.database, installation.blueprint
    yield Check("settings and secrets", Verdict.OK, "readable, and no secret is open to others")
    yield Check("blueprint", Verdict.OK, f"{blueprint.version_id}, {len(blueprint.destinations)} destinations")
    yield from _tables(installation)
    yield from _asked("special cases", lambda: judge_terms(blueprint.terms(), examination.today(database)))
    yield from _asked("server", lambda: judge_server(examination.server_facts(database)))
    yield from _asked("module", lambda: judge_shop(examination.shop_facts(database)))
    yield from _asked("order statuses", lambda: _statuses(installation))
    yield from _asked(
        "exported attributes",
        lambda: judge_exports(blueprint.exported_products, examination.told_attributes(database)),
    )
    yield from _asked(
        "clock of the database", lambda: [judge_clock("the database", examination.clock_skew(database), CLOCK_SKEW)]
    )
    yield from _asked("identity", lambda: [_identity(installation)])
    yield _disk(installation)
    brings_back = any(blueprint.policy(name).inbound for name in blueprint.destinations)
    if brings_back or installation.settings.magento is not None:
        yield from _magento(installation)
    for name in blueprint.destinations:
        yield from _erp(installation, name)
        feed = blueprint.policy(name).stock_feed
        if feed is not None:
            yield from _asked(f"stock feed of {name}", partial(_stock_feed, installation, name, feed))


def _tables(installation: Installation) -> Iterator[Check]:
    problems = schema.verify(installation.database, janitor=installation.settings.janitor.enabled)
    for problem in problems:
        found, _, do = problem.partition(": ")
        yield Check("tables and rights", Verdict.FAIL, found, do)
    if problems:
        return
    yield Check("tables and rights", Verdict.OK, "every statement can be prepared; isolation, sql_mode and UTC hold")
    altered = drift(installation.database)
    for words in altered:
        yield Check(
            "tables as documented", Verdict.WARN, words, "compare with outbox_schema/tables, and change it back"
        )
    if not altered:
        yield Check("tables as documented", Verdict.OK, "columns, keys and CHECKs are as in outbox_schema")
    yield from _asked("whole orders", lambda: [_whole_orders(installation)])
    yield from _asked("holds", lambda: _holds(installation))
    yield from _asked("Magento's documents", lambda: _documents(installation))


def _statuses(installation: Installation) -> Sequence[Check]:
    """Whether Magento can show what the blueprint says; nobody asks where no destination acknowledges."""
    policies = [installation.blueprint.policy(name) for name in installation.blueprint.destinations]
    wanted = [pair for policy in policies if policy.acknowledges for pair in policy.lifecycle.pairs()]
    return judge_statuses(wanted, examination.status_facts(installation.database))


def _whole_orders(installation: Installation) -> Check:
    """Whether an order that Magento could not tell can be read from its tables."""
    try:
        require_rights(installation.database, "whole_orders")
    except SchemaError:
        found = "this user may not read them: an event that Magento could not tell waits for a person"
        do = "erp-sidecar schema grants hydration \"'user'@'host'\" prints the statements for your DBA"
        return Check("whole orders", Verdict.WARN, found, do)
    return Check("whole orders", Verdict.OK, "what Magento could not tell is built from its tables")


def _holds(installation: Installation) -> Sequence[Check]:
    """Whether orders can be put on hold, where the lifecycle map says that the ERP's stop does so."""
    blueprint = installation.blueprint
    maps = [blueprint.policy(name).lifecycle for name in blueprint.destinations]
    if not any(status.holds for one in maps for status in one.statuses.values()):
        return ()
    try:
        require_rights(installation.database, HOLDS)
    except SchemaError:
        found = "this user may not put an order on hold, and the lifecycle map wants it to"
        do = "erp-sidecar schema grants holds \"'user'@'host'\" prints the statements for your DBA"
        return [Check("holds", Verdict.FAIL, found, do)]
    return [Check("holds", Verdict.OK, "orders that the ERP stops are put on hold, and go on with it")]


def _documents(installation: Installation) -> list[Check]:
    """Where ERPs' documents become Magento's: whether quantities, documents and the stock of sources can be read."""
    blueprint = installation.blueprint
    parts = [part for name in blueprint.destinations if (part := blueprint.policy(name).inbound) is not None]
    if not parts:
        return []
    stores = ["magento_documents"] + ["source_stock"] * any(part.sources for part in parts)
    try:
        require_rights(installation.database, *stores)
    except SchemaError as error:
        do = "erp-sidecar schema grants inbound \"'user'@'host'\" prints the statements for your DBA"
        return [Check("Magento's documents", Verdict.FAIL, f"this user may not read them: {error}", do)]
    return [Check("Magento's documents", Verdict.OK, "what ERPs did can be compared with what Magento has")]


def _identity(installation: Installation) -> Check:
    judgement = installation.standing()
    if judgement.standing in UNTROUBLED:
        return Check("identity", Verdict.OK, f"{judgement.standing}, as this host remembers it".replace("_", " "))
    error = trouble(judgement)
    return Check("identity", Verdict.FAIL, str(error), error.hint)


def _disk(installation: Installation) -> Check:
    folder = installation.settings.state_dir
    try:
        return judge_disk(str(folder), shutil.disk_usage(folder).free)
    except OSError:
        return judge_disk(str(folder), None)


def _erp(installation: Installation, name: DestinationName) -> Iterator[Check]:
    health = installation.probe(name)
    for problem in health.problems:
        yield Check(f"destination {name}", Verdict.FAIL, problem, "erp-sidecar blueprint check, then ask its owners")
    if health.reachable and not health.problems:
        yield Check(f"destination {name}", Verdict.OK, health.product or "it answers")
        yield judge_clock(f"destination {name}", health.clock_skew, ERP_SKEW)
        yield from _asked(f"interface of {name}", lambda: _contract(installation, name, health))
    now = datetime.now(UTC)
    for ends in installation.way_to(name).expiries():
        yield judge_certificate(f"destination {name}", ends.whose, ends.at - now)


def _contract(installation: Installation, name: DestinationName, health: Health) -> list[Check]:
    """Whether our calls rest on what they rested on when somebody accepted it."""
    seen = Contract(health.product, health.terms)
    return judge_contract(name, seen, installation.contracts().accepted(name))


def _magento(installation: Installation) -> Iterator[Check]:
    """Whether each of Magento's services may be called, and whether the module takes what they do for the ERP's."""
    health = installation.magento_services().probe()
    for problem in health.problems:
        found, _, do = problem.partition(": ")
        yield Check("Magento's services", Verdict.FAIL, found, do)
    if health.reachable and not health.problems:
        found = "every one may be called, and what they do is not sent back to the ERP"
        yield Check("Magento's services", Verdict.OK, found)
    if health.clock_skew is not None:
        yield judge_clock("Magento", health.clock_skew, ERP_SKEW)


def _stock_feed(installation: Installation, name: DestinationName, feed: StockFeedPolicy) -> Sequence[Check]:
    """Whether an ERP's stock can get into Magento, and whether it would be sold there."""
    check, database = f"stock feed of {name}", installation.database
    try:
        require_rights(database, *STOCK)
        SalableStock(database).salable(feed.sources, ())
    except SchemaError as error:
        do = "erp-sidecar schema grants stock \"'user'@'host'\" prints the statements for your DBA: one for each stock"
        return [Check(check, Verdict.FAIL, f"this user may not read the shop's stock: {error}", do)]
    checks = []
    for problem in _in_the_way(installation, feed):
        found, _, do = problem.partition(": ")
        checks.append(Check(check, Verdict.FAIL, found, do))
    if not checks:
        checks.append(Check(check, Verdict.OK, f"stock can be written ({feed.write}) where it is still as it was read"))
    return [*checks, *judge_stock(name, feed.sources, stock_facts(database, feed.sources))]


def _in_the_way(installation: Installation, feed: StockFeedPolicy) -> Sequence[str]:
    if feed.write == "rest":
        return RestStock(installation.magento_services()).problems()
    stock = SqlStock(installation.database, feed.sources)
    try:
        return stock.problems()
    finally:
        stock.close()


def _asked(check: str, ask: Callable[[], Sequence[Check]]) -> Sequence[Check]:
    """What cannot be asked is unknown, not well; wrong settings still end the command."""
    try:
        return ask()
    except ConfigurationError:
        raise
    except SidecarError as error:
        return [Check(check, Verdict.UNKNOWN, str(error), error.hint)]
