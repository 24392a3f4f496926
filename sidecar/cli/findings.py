"""`erp-sidecar reconcile run` and `finding list`: compare both sides now; what differs."""

import argparse

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns, positive
from sidecar.telemetry import Telemetry, configure_logging
from sidecar.wiring import install


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("reconcile", help="compare Magento with the ERP").add_subparsers(
        required=True, metavar="VERB"
    )
    run = verbs.add_parser("run", parents=[shared], help="run the orders check now; finds, repairs nothing")
    run.set_defaults(command=_reconcile)
    verbs = nouns.add_parser("finding", help="differences between the two sides").add_subparsers(
        required=True, metavar="VERB"
    )
    listing = verbs.add_parser("list", parents=[shared], help="open findings, newest first")
    listing.add_argument("--limit", type=positive, default=100)
    listing.set_defaults(command=_list)


def _reconcile(options: argparse.Namespace, output: Output) -> int:
    configure_logging("WARNING", as_json=False)
    with install(options.settings, Telemetry()) as installation:
        summaries = [installation.reconcile_orders(name) for name in installation.blueprint.with_documents]
    rows = [
        {
            "destination": summary.destination,
            "check": summary.check,
            "compared": summary.compared,
            "excused": summary.excused,
            "findings": summary.findings,
            "complete": summary.complete,
        }
        for summary in summaries
    ]
    output.table("Reconciliation", rows, empty="The blueprint has no destination.")
    return 0 if all(summary.complete and not summary.findings for summary in summaries) else 1


def _list(options: argparse.Namespace, output: Output) -> int:
    with install(options.settings, Telemetry()) as installation:
        findings = installation.insights().open_findings(options.limit)
    rows = [
        {
            "destination": finding.destination,
            "kind": str(finding.kind),
            "critical": finding.kind.is_critical,
            "subject": finding.subject,
            "path": finding.path,
            "magento": finding.magento,
            "erp": finding.erp,
            "state": state,
            "seen": seen,
            "found_by": finding.source,
        }
        for finding, state, seen in findings
    ]
    output.table("Findings", rows, empty="No finding is open.")
    return 0
