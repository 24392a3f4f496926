"""A head says since when the ERP works on it, and whether that is too long."""

from outbox_schema.migrations.steps import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add two columns, and show what is overdue beside what is parked."""
    run("0011_pending")
