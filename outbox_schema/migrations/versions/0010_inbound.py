"""What ERPs did to orders on their own, and how far their changes were read."""

from outbox_schema.migrations.steps import run

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the two tables and the view."""
    run("0010_inbound")
