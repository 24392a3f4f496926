"""What an ERP was told of a line, in its own unit, and what it had before."""

from outbox_schema.migrations.steps import run

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add the columns."""
    run("0018_told_quantities")
