"""The database's own word about which shop it is, and what shows whether time went back in it."""

from typing import Final

from sidecar.domain.identity import Instance, Mark, Observation, Place, StreamMark
from sidecar.domain.naming import Epoch, EpochKind
from sidecar.mysql.session import Session, Work


class InstanceStore:
    """Reads and writes the one row of `erp_instance`; give it a session of its own, such as `session.apart()`."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("instance_store")

    def observe(self, mark: int) -> Observation:
        """What the database says now, and the event id under the outbox id `mark`.

        The outbox is read before the cursors: what a purge has deleted by then, those account for.
        """
        with self._session.reading() as work:
            (outbox,) = work.rows(self._sql["read_outbox"], mark=mark)
            streams = {
                f"{row['destination']}/{row['stream']}": StreamMark(int(row["token"]), int(row["accounted_to"]))
                for row in work.rows(self._sql["read_streams"])
            }
            return Observation(
                now=outbox["now"],
                place=self._place(work, outbox["schema_name"]),
                instance=self._instance(work),
                newest=Mark(int(outbox["newest_id"]), outbox["newest_event_id"]),
                oldest_id=int(outbox["oldest_id"]),
                at_mark=outbox["at_mark"],
                streams=streams,
            )

    def epochs(self) -> tuple[Epoch, ...]:
        """Every declaration, ascending."""
        return tuple(
            Epoch(row["epoch"], EpochKind(row["kind"]), row["after_id"], row["after_entity"], row["revision_shift"])
            for row in self._session.rows(self._sql["read_epochs"])
        )

    def make(self, instance: Instance) -> Instance:
        """Make the row if there is none yet; returns the one that is there then, whoever made it."""
        return self._session.transaction(lambda work: self._make(work, instance))

    def settle_in(self, place: Place) -> None:
        """Write that the database belongs where it is."""
        self._session.transaction(lambda work: work.run(self._sql["place_instance"], **_columns(place)))

    def _make(self, work: Work, instance: Instance) -> Instance:
        work.run(self._sql["make_instance"], instance_id=instance.id, name=instance.name, **_columns(instance.place))
        return self._instance(work) or instance

    def _instance(self, work: Work) -> Instance | None:
        for row in work.rows(self._sql["read_instance"]):
            place = Place(row["server"], row["schema_name"], row["address"])
            return Instance(row["instance_id"], row["name"], int(row["epoch"]), place)
        return None

    def _place(self, work: Work, schema: str) -> Place:
        told = {row["Variable_name"]: row["Value"] for row in work.rows(self._sql["read_server"])}
        address = f"{told.get('hostname', '')}:{told.get('port', '')}"
        for variable in _SERVER_NAMES:
            if told.get(variable):
                return Place(f"{variable} {told[variable]}", schema, address)
        return Place(address, schema, address)


_SERVER_NAMES: Final = ("server_uuid", "server_uid")
"""MySQL's name for itself lies beside its data; MariaDB's is made of the host's network address and the port.

MariaDB has it since 10.5.26, 10.6.19, 10.11.9 and 11.4.3; before, host and port have to do.
"""


def _columns(place: Place) -> dict[str, str]:
    return {"server": place.server, "schema_name": place.schema, "address": place.address}
