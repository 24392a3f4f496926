"""An event in the words of CloudEvents 1.0: `id`, `source` and `type`, and what helps a receiver to keep order.

`id` is the outbox's event id and never changes between attempts: a receiver that has seen it has the event.
`partitionkey` is the lane, `sequence` the outbox id; within a partition key sequences ascend.
`origin` says which way into the shop the change took; a receiver that caused changes itself knows its own by `erp`.
Source: CloudEvents 1.0.2, HTTP protocol binding and JSON format; its extensions for partitions, sequences and traces.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as quoted

from sidecar.domain.events import Event


def single(event: Event, payload: str, source: str) -> bytes:
    """One event with its payload (structured content mode); a payload that is no JSON goes as text.

    `source` names the shop.
    """
    occurred_at = datetime.fromtimestamp(event.occurred_at_us / 1_000_000, UTC).isoformat()
    trace = f', "traceparent": {quoted(event.trace_parent)}' if event.trace_parent else ""
    origin = f', "origin": {quoted(event.origin)}' if event.origin else ""
    return (
        f'{{"specversion": "1.0", "id": {quoted(event.event_id)}, "source": {quoted(source)}, '
        f'"type": {quoted(event.type)}, "subject": {quoted(f"{event.aggregate_type}/{event.aggregate_id}")}, '
        f'"time": "{occurred_at}", "datacontenttype": "application/json", '
        f'"schemaversion": "{event.schema_version}", "partitionkey": {quoted(event.lane)}, '
        f'"sequence": "{event.id:020d}"{origin}{trace}, "data": {payload if _is_json(payload) else quoted(payload)}}}'
    ).encode()


def batch(events: Sequence[Event], source: str) -> bytes:
    """Events with their payloads as one JSON array (batched content mode)."""
    return b"[" + b",".join(single(event, event.payload or "", source) for event in events) + b"]"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
