"""What a shop's tables say of its stock, for the doctor; needs the grants of `stock`."""

from collections.abc import Sequence
from datetime import timedelta

from sidecar.domain.errors import SchemaError
from sidecar.domain.stock_examination import CONSUMER, StockFacts
from sidecar.mysql.session import Row, Session


def stock_facts(session: Session, sources: Sequence[str]) -> StockFacts:
    """What is there of these sources, of the index and of the consumer's queue."""
    sql = session.statements("stock_examination")
    with session.reading() as work:
        rows = work.rows(sql["all_sources"], sources=list(sources))
        modes = {row["view_id"]: row["mode"] or "" for row in work.rows(sql["index_modes"])}
        try:
            (queue,) = work.rows(sql["queue"], topic=CONSUMER)
            sees_queue = True
        except SchemaError:  # a shop with another queue than the database's may have no such tables
            queue, sees_queue = {}, False
    return StockFacts(
        sources={row["source_code"]: bool(row["enabled"]) for row in rows},
        linked=frozenset(row["source_code"] for row in rows if row["stock_id"] is not None),
        modes=modes,
        oldest_waiting=_age(queue, "waiting_s"),
        newest_done=_age(queue, "done_s"),
        sees_queue=sees_queue,
    )


def _age(row: Row, column: str) -> timedelta | None:
    seconds = row.get(column)
    return None if seconds is None else timedelta(seconds=int(seconds))
