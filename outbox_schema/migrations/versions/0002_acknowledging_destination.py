"""What is due is looked for in one destination: the one that acknowledges."""

from outbox_schema.migrations.steps import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Put the destination in front of the index."""
    run("0002_acknowledging_destination")
