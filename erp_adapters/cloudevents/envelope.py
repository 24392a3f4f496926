"""An event in the words of CloudEvents 1.0: `id`, `source` and `type`, and what helps a receiver to keep order.

`id` is the outbox's event id and never changes between attempts: a receiver that has seen it has the event.
`partitionkey` is the lane, `sequence` the outbox id; within a partition key sequences ascend.
Source: CloudEvents 1.0.2, HTTP protocol binding and JSON format; its extensions for partitions, sequences and traces.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as quoted

from sidecar.domain.events import Event


def attributes(event: Event, source: str) -> dict[str, str]:
    """The context attributes of an event; `source` names the shop."""
    named = {
        "specversion": "1.0",
        "id": event.event_id,
        "source": source,
        "type": event.type,
        "subject": f"{event.aggregate_type}/{event.aggregate_id}",
        "time": datetime.fromtimestamp(event.occurred_at_us / 1_000_000, UTC).isoformat(),
        "datacontenttype": "application/json",
        "schemaversion": str(event.schema_version),
        "partitionkey": str(event.lane),
        "sequence": f"{event.id:020d}",
    }
    return {**named, "traceparent": event.trace_parent} if event.trace_parent else named


def single(event: Event, payload: str, source: str) -> bytes:
    """One event with its payload (structured content mode); a payload that is no JSON goes as text."""
    head = ", ".join(f'"{name}": {quoted(value)}' for name, value in attributes(event, source).items())
    data = payload if _is_json(payload) else quoted(payload)
    return f'{{{head}, "data": {data}}}'.encode()


def batch(events: Sequence[Event], source: str) -> bytes:
    """Events with their payloads as one JSON array (batched content mode)."""
    return b"[" + b",".join(single(event, event.payload or "", source) for event in events) + b"]"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
