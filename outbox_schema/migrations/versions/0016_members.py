"""Each line of a stock window keeps the ids of its deltas."""

from outbox_schema.migrations.steps import run

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the columns."""
    run("0016_members")
