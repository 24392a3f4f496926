"""What ERPs' interfaces were, and who accepted which change."""

from outbox_schema.migrations.steps import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the table."""
    run("0015_contracts")
