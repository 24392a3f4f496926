"""What a declaration changes: one transaction each, whatever it takes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from sidecar.domain.delivery import Receipt
from sidecar.domain.events import DestinationName
from sidecar.domain.identity import Instance, Place, StreamMark
from sidecar.domain.naming import Epoch
from sidecar.domain.reconciliation import Finding
from sidecar.domain.restore import Unfinished
from sidecar.domain.start import Beginning
from sidecar.mysql.beginnings import Beginnings
from sidecar.mysql.deliveries import Deliveries
from sidecar.mysql.fence import STOCK
from sidecar.mysql.findings import Findings
from sidecar.mysql.rows import clip
from sidecar.mysql.session import Session, Work

_IN_DOUBT: Final = "before a restore was declared; compare the ERP's stock, as it may have been carried since: "


class RestoreStore:
    """Writes declarations; the daemon must not run meanwhile, and what it still writes is fenced out."""

    def __init__(self, session: Session, beginnings: Mapping[DestinationName, Beginning] | None = None) -> None:
        """Read and write through this session; `beginnings` say where cursors begin that the backup does not have."""
        self._session = session
        self._sql = session.statements("restore_store")
        self._place, self._beginnings = session.statements("instance_store"), Beginnings(session, beginnings or {})
        self._stock = Deliveries(session, STOCK)
        self._findings = Findings(session)

    def live_leases(self) -> Sequence[str]:
        """Who owns a role now, by the database's clock."""
        return [row["owner"] for row in self._session.rows(self._sql["live_leases"])]

    def ends_of_the_past(self, until: datetime | None) -> tuple[int, int]:
        """The newest outbox id and the newest order that are not younger than an instant (UTC); None: of all."""
        if until is None:
            (row,) = self._session.rows(self._sql["read_present"])
        else:
            until_us = int(until.replace(tzinfo=until.tzinfo or UTC).timestamp() * 1_000_000)
            (row,) = self._session.rows(self._sql["read_past"], until=until.replace(tzinfo=None), until_us=until_us)
        after_id, after_entity = int(row["after_id"]), int(row["after_entity"])
        (new,) = self._session.rows(self._sql["first_new_order"], after_id=after_id)
        return after_id, after_entity if new["entity_id"] is None else min(after_entity, int(new["entity_id"]) - 1)

    def unfinished(self, destinations: Sequence[DestinationName], after_id: int) -> Sequence[Unfinished]:
        """What each destination has not finished of the events up to an id."""
        with self._session.reading() as work:
            counted = [
                (name, work.rows(self._sql["count_unfinished"], destination=name, after_id=after_id)[0])
                for name in destinations
            ]
        return [Unfinished(name, int(row["events"]), int(row["windows"])) for name, row in counted]

    def settle_in(self, place: Place, actor: str, reason: str) -> None:
        """Write that the database belongs where it is."""

        def body(work: Work) -> None:
            self._settle(work, place)
            self._record(work, "declare_promoted", actor, reason)

        self._session.transaction(body)

    def begin_restored(
        self,
        epoch: Epoch,
        place: Place,
        streams: Mapping[str, StreamMark],
        kept_out: Sequence[Receipt],
        findings: Sequence[Finding],
        actor: str,
        reason: str,
    ) -> None:
        """Begin an epoch after a restore: what was about to be sent is doubted, stock changes are passed by."""

        def body(work: Work) -> None:
            self._raise_tokens(work, streams)
            self._begin(work, epoch, place, actor, reason)
            work.run(self._sql["doubt_deliveries"], after_id=epoch.after_id)
            work.run(self._sql["doubt_windows"])
            work.run(self._sql["doubt_lines"], words=_IN_DOUBT)
            self._stock.receipt(work, kept_out)
            for destination in {name.partition("/")[0] for name in streams}:
                work.run(self._sql["pass_by_deltas"], destination=destination, after_id=epoch.after_id)
            self._findings.put(work, findings)
            self._record(work, "declare_restored", actor, reason)

        self._session.transaction(body)

    def begin_copied(
        self, epoch: Epoch, instance: Instance, streams: Mapping[str, StreamMark], actor: str, reason: str
    ) -> None:
        """Make the copy a shop of its own: nothing from before is ever sent."""

        def body(work: Work) -> None:
            self._raise_tokens(work, streams)
            self._begin(work, epoch, instance.place, actor, reason)
            work.run(self._sql["rename_instance"], instance_id=instance.id, name=instance.name)
            said = {"actor": clip(actor, 128), "detail": f"from before the copy was declared: {clip(reason, 900)}"}
            work.run(self._sql["receipt_unread"], after_id=epoch.after_id, **said)
            work.run(self._sql["receipt_waiting"], after_id=epoch.after_id, **said)
            work.run(self._sql["drop_deliveries"], after_id=epoch.after_id)
            work.run(self._sql["skip_windows"])
            work.run(self._sql["skip_lines"])
            work.run(self._sql["pass_by_everything"], after_id=epoch.after_id)
            self._record(work, "declare_copied", actor, reason)

        self._session.transaction(body)

    def _raise_tokens(self, work: Work, streams: Mapping[str, StreamMark]) -> None:
        """The first statements: whoever quotes an older token from now on writes nothing."""
        for name, mark in sorted(streams.items()):
            destination, _, stream = name.partition("/")
            self._beginnings.make_cursor(work, DestinationName(destination), stream)
            work.run(self._sql["raise_token"], destination=destination, stream=stream, token=mark.token)

    def _begin(self, work: Work, epoch: Epoch, place: Place, actor: str, reason: str) -> None:
        work.run(
            self._sql["insert_epoch"],
            epoch=epoch.number,
            kind=epoch.kind,
            after_id=epoch.after_id,
            after_entity=epoch.after_entity,
            revision_shift=epoch.revision_shift,
            actor=clip(actor, 128),
            reason=clip(reason, 1024),
        )
        self._settle(work, place)

    def _settle(self, work: Work, place: Place) -> None:
        work.run(self._place["place_instance"], server=place.server, schema_name=place.schema, address=place.address)

    def _record(self, work: Work, action: str, actor: str, reason: str) -> None:
        work.run(self._sql["record_declaration"], action=action, actor=clip(actor, 128), reason=clip(reason, 1024))
