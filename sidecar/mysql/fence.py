"""The fence: what every write of the relay begins with, so that one whose lease is gone writes nothing."""

import json
from collections.abc import Sequence
from typing import Any

from sidecar.domain.delivery import DocumentKind, Intent
from sidecar.domain.errors import LeaseLost
from sidecar.domain.events import DestinationName, Lane, OutboxId
from sidecar.domain.step import Cursor
from sidecar.mysql.rows import clip, compact, gaps_as_json, gaps_of
from sidecar.mysql.session import Session, Work

DOCUMENTS, STOCK = "documents", "stock"


class Fence:
    """The cursor row of one stream, and the token on it."""

    def __init__(self, session: Session, stream: str) -> None:
        """Guard this stream of every destination."""
        self._sql = session.statements("fence")
        self._stream = stream
        self._written: dict[Intent, str] = {}

    def load(self, session: Session, destination: DestinationName) -> Cursor:
        """The cursor as last committed; one at zero where the destination never had a relay."""
        rows = session.rows(self._sql["read_cursor"], destination=destination, stream=self._stream)
        if not rows:
            return Cursor(OutboxId(0))
        row = rows[0]
        return Cursor(
            OutboxId(row["accounted_to"]), gaps_of(row["open_gaps"]), intents_of(row["intents"]), row["held_because"]
        )

    def check(self, work: Work, destination: DestinationName, token: int) -> None:
        """Hold the cursor row until the transaction ends; raise LeaseLost if the token is not ours any more."""
        self._expect(
            work.run(self._sql["fence"], destination=destination, stream=self._stream, token=token), destination
        )

    def write(self, work: Work, destination: DestinationName, token: int, cursor: Cursor) -> None:
        """Replace the cursor and hold its row; raise LeaseLost if the token is not ours any more."""
        matched = work.run(
            self._sql["write_cursor"],
            destination=destination,
            stream=self._stream,
            token=token,
            accounted_to=cursor.accounted_to,
            open_gaps=gaps_as_json(cursor.gaps),
            intents=self._as_json(cursor.intents),
            held_because=clip(cursor.held_because, 255),
        )
        self._expect(matched, destination)

    def _as_json(self, intents: Sequence[Intent]) -> str:
        """Most intents stand in several cursors, one after the other: each is put into words once."""
        known = self._written
        self._written = {intent: known.get(intent) or compact(_intent_as_json(intent)) for intent in intents}
        return f"[{','.join(self._written.values())}]"

    def _expect(self, matched: int, destination: DestinationName) -> None:
        if matched != 1:
            message = f"another process owns destination {destination} now"
            raise LeaseLost(message, hint="only one relay per destination is active; this one waits for its turn")


def _intent_as_json(intent: Intent) -> dict[str, object]:
    """What says nothing is left out: the row is written with every step."""
    words: dict[str, object] = {"id": intent.id, "lane": intent.lane, "kind": intent.kind}
    if intent.revision != intent.id:
        words["revision"] = intent.revision
    if intent.payload_sha256:
        words["payload_sha256"] = intent.payload_sha256
    if intent.absorbs:
        words["absorbs"] = intent.absorbs
    if intent.mapping:
        words["mapping"] = intent.mapping
    return words


def intents_of(text: str) -> tuple[Intent, ...]:
    """Read a cursor's intents back."""
    return tuple(_intent_of(item) for item in json.loads(text))


def _intent_of(item: dict[str, Any]) -> Intent:
    return Intent(
        id=OutboxId(item["id"]),
        lane=Lane(item["lane"]),
        kind=DocumentKind(item["kind"]),
        revision=item.get("revision", item["id"]),
        payload_sha256=item.get("payload_sha256", ""),
        absorbs=tuple(OutboxId(absorbed) for absorbed in item.get("absorbs", ())),
        mapping=item.get("mapping", ""),
    )
