"""What ERPs' interfaces were: compared and kept in one transaction, so that each change is one row and one finding."""

import json
from collections.abc import Sequence
from datetime import UTC

from sidecar.domain.contract import (
    Contract,
    KeptContract,
    Sighting,
    changed_contract,
    changes_between,
    sighting_of,
)
from sidecar.domain.errors import NotPossible
from sidecar.domain.events import DestinationName
from sidecar.mysql.actions import Actions
from sidecar.mysql.findings import Findings
from sidecar.mysql.rows import clip, compact
from sidecar.mysql.session import Row, Session, Work

_AS_MET = "first met"
_LIST = "erp-sidecar contract list"


class ContractStore:
    """Contracts, the findings about them, and who accepted which."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("contract_store")
        self._findings, self._actions = Findings(session), Actions(session)

    def saw(self, destination: DestinationName, seen: Contract) -> Sighting:
        """Keep that a contract was met; a change is a finding until it is accepted, or gone again."""

        def body(work: Work) -> Sighting:
            latest = self._one(work, "latest_contract", destination)
            accepted = self._one(work, "accepted_contract", destination)
            sighting = sighting_of(seen, latest, accepted)
            words = [] if accepted is None else changes_between(accepted.terms, seen.terms)
            if latest is not None and sighting is Sighting.SAME:
                work.run(self._sql["seen_again"], id=latest.id)
                is_open = not latest.accepted_by
            else:
                accepted_by = _accepted_by(sighting, accepted)
                is_open = accepted_by is None
                self._add(work, destination, seen, "; ".join(words), accepted_by)
                if latest is not None:
                    self._findings.resolve(work, [changed_contract(destination, latest.digest).fingerprint])
            if is_open:
                was = "" if accepted is None else f"{accepted.short} ({accepted.product})"
                self._findings.put(work, [changed_contract(destination, seen.digest, was, words)])
            return sighting

        return self._session.transaction(body)

    def is_open(self, destination: DestinationName) -> bool:
        """Tell whether the latest contract is one that nobody has accepted."""
        latest = self.latest(destination)
        return latest is not None and not latest.accepted_by

    def latest(self, destination: DestinationName) -> KeptContract | None:
        """The one that was met last."""
        with self._session.reading() as work:
            return self._first(work.rows(self._sql["read_latest"], destination=destination))

    def accepted(self, destination: DestinationName) -> KeptContract | None:
        """The one that was accepted last."""
        with self._session.reading() as work:
            return self._first(work.rows(self._sql["read_accepted"], destination=destination))

    def history(self, limit: int) -> Sequence[KeptContract]:
        """Every change, the newest first, without its terms."""
        return [_kept(row) for row in self._session.rows(self._sql["history"], limit=limit)]

    def accept(self, destination: DestinationName, digest: str, actor: str, reason: str) -> KeptContract:
        """Accept the contract that was met last, if its name begins so; raises NotPossible for any other."""

        def body(work: Work) -> KeptContract:
            latest = self._one(work, "latest_contract", destination)
            if latest is None:
                raise NotPossible(f"no contract of {destination} was met yet", hint="erp-sidecar doctor asks the ERP")
            if not latest.digest.startswith(digest):
                raise NotPossible(f"the contract of {destination} is {latest.short} now, not {digest}", hint=_LIST)
            if latest.accepted_by:
                raise NotPossible(f"{latest.short} was accepted by {latest.accepted_by}", hint=_LIST)
            work.run(self._sql["accept"], id=latest.id, actor=clip(actor, 128))
            self._findings.resolve(work, [changed_contract(destination, latest.digest).fingerprint])
            self._actions.record(work, "accept", actor, f"contract {latest.short}: {reason}", destination=destination)
            return latest

        return self._session.transaction(body)

    def _add(
        self, work: Work, destination: DestinationName, seen: Contract, changes: str, accepted_by: str | None
    ) -> None:
        work.run(
            self._sql["add_contract"],
            destination=destination,
            digest=seen.digest,
            product=clip(seen.product, 255),
            terms=compact(dict(seen.terms)),
            changes=clip(changes, 15_000),
            accepted_by=accepted_by,
        )

    def _one(self, work: Work, statement: str, destination: DestinationName) -> KeptContract | None:
        return self._first(work.rows(self._sql[statement], destination=destination))

    @staticmethod
    def _first(rows: Sequence[Row]) -> KeptContract | None:
        return _kept(rows[0]) if rows else None


def _accepted_by(sighting: Sighting, accepted: KeptContract | None) -> str | None:
    """Who stands for a contract that was just met; None: nobody yet."""
    if sighting is Sighting.FIRST:
        return _AS_MET
    return accepted.accepted_by if accepted is not None and sighting is Sighting.BACK else None


def _kept(row: Row) -> KeptContract:
    return KeptContract(
        id=row["id"],
        destination=row["destination"],
        digest=row["digest"],
        product=row["product"],
        changes=row["changes"],
        first_seen_at=row["first_seen_at"].replace(tzinfo=UTC),
        last_seen_at=row["last_seen_at"].replace(tzinfo=UTC),
        accepted_by=row["accepted_by"] or "",
        terms=json.loads(row["terms"]) if row["terms"] else {},
    )
