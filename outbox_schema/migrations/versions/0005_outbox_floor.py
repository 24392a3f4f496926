"""The purge floor."""

from outbox_schema.migrations.steps import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make it where it is absent."""
    run("0005_outbox_floor")
