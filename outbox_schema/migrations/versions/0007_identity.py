"""Which shop this database is, and each time that it went back."""

from outbox_schema.migrations.steps import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the two tables, and put the epoch on stock windows."""
    run("0007_identity")
