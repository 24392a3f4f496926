"""The examination of a database: the facts that the doctor judges, read with the sidecar's own rights."""

import json
from datetime import UTC, date, datetime, timedelta

from sidecar.domain.examination import ServerFacts, ShopFacts, StatusFacts
from sidecar.mysql.session import Session
from sidecar.mysql.verification import sees_everybody


def server_facts(session: Session) -> ServerFacts:
    """What the server says about itself."""
    sql = session.statements("examination")
    with session.reading() as work:
        variables = {row["Variable_name"].lower(): str(row["Value"]) for row in work.rows(sql["variables"])}
        cluster = {row["Variable_name"].lower(): str(row["Value"]) for row in work.rows(sql["cluster"])}
        (threads,) = work.rows(sql["replica_threads"])
        (written,) = work.rows(sql["writers"])
    return ServerFacts(
        variables,
        cluster,
        int(threads["replica_threads"] or 0) if sees_everybody(session) else None,
        int(written["writers"]),
        int(written["largest_payload"]),
    )


def shop_facts(session: Session) -> ShopFacts:
    """What the shop shows of the module."""
    sql = session.statements("examination")
    with session.reading() as work:
        versions = [(row["type"], int(row["schema_version"])) for row in work.rows(sql["event_versions"])]
        orders = work.rows(sql["newest_order"])
        if not orders:
            return ShopFacts(None, timedelta(), newest_order_has_event=False, event_versions=versions)
        order, age = int(orders[0]["entity_id"]), timedelta(seconds=int(orders[0]["age_s"] or 0))
        (counted,) = work.rows(sql["events_of_order"], aggregate_id=str(order))
    return ShopFacts(order, age, newest_order_has_event=bool(counted["events"]), event_versions=versions)


def status_facts(session: Session) -> StatusFacts:
    """Which statuses Magento knows in which state."""
    with session.reading() as work:
        rows = work.rows(session.statements("examination")["status_pairs"])
    visible = {(row["state"], row["status"]): bool(row["visible_on_front"]) for row in rows}
    defaults = {row["state"]: row["status"] for row in rows if row["is_default"]}
    return StatusFacts(visible, defaults)


def told_attributes(session: Session) -> frozenset[str] | None:
    """What of products the newest events tell of, by attribute code; None where there is no such event."""
    with session.reading() as work:
        rows = work.rows(session.statements("examination")["product_events"])
    return frozenset(code for row in rows for code in _told_by(row["payload"])) if rows else None


def _told_by(payload: str) -> set[str]:
    try:
        told = json.loads(payload)
        codes = {str(code) for code in told["changed"]}
        lists = {"website_ids": told["website_ids"], "tier_price": told["tier_prices"]}
    except (ValueError, KeyError, TypeError):  # what cannot be read is the relay's business
        return set()
    return codes | {code for code, value in lists.items() if value is not None}


def clock_skew(session: Session) -> timedelta:
    """How far the database's clock is ahead of this host's, to half a round trip."""
    statement = session.statements("examination")["read_clock"]
    with session.reading() as work:
        work.rows(statement)  # the connection is made now
        before = datetime.now(UTC)
        (row,) = work.rows(statement)
        after = datetime.now(UTC)
    there: datetime = row["now"].replace(tzinfo=UTC)
    return there - (before + (after - before) / 2)


def today(session: Session) -> date:
    """The day by the database's clock, in UTC."""
    with session.reading() as work:
        (row,) = work.rows(session.statements("examination")["read_clock"])
    now: datetime = row["now"]
    return now.date()
