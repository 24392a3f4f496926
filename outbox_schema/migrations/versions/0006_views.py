"""Views that stay quick, and one for orders that wait."""

from outbox_schema.migrations.steps import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make one view and replace two."""
    run("0006_views")
