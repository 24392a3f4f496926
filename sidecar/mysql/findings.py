"""Rows of erp_finding, written by the relay's read-back and by reconciliation in the same way."""

from collections.abc import Sequence

from sidecar.domain.reconciliation import Finding
from sidecar.mysql.rows import chunks, clip
from sidecar.mysql.session import Session, Work


class Findings:
    """Writes inside a transaction that somebody else has opened."""

    def __init__(self, session: Session) -> None:
        """Use this session's table prefix."""
        self._sql = session.statements("findings")

    def put(self, work: Work, findings: Sequence[Finding]) -> int:
        """Insert new findings, count known ones as seen again; returns how many were new."""
        if not findings:
            return 0
        prints = sorted({finding.fingerprint for finding in findings})
        known = len(work.rows(self._sql["known_fingerprints"], fingerprints=prints))
        work.run_many(
            self._sql["put_findings"],
            [
                {
                    "fingerprint": finding.fingerprint,
                    "destination": finding.destination,
                    "kind": finding.kind,
                    "subject": clip(finding.subject, 128),
                    "path": clip(finding.path, 512),
                    "magento_value": clip(finding.magento, 15_000),
                    "erp_value": clip(finding.erp, 15_000),
                    "source": clip(finding.source, 64),
                }
                for finding in sorted(findings, key=lambda finding: finding.fingerprint)
            ],
        )
        return len(prints) - known

    def resolve(self, work: Work, fingerprints: Sequence[str]) -> None:
        """Call open findings repaired: what differed does not differ any more."""
        for chunk in chunks(sorted(set(fingerprints))):
            work.run(self._sql["resolve_findings"], fingerprints=chunk)
