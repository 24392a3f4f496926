"""What the ERP refused is kept, and shown in its orders."""

from outbox_schema.migrations.steps import run

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the table, and let the view of documents know numbers that are shown by a rule."""
    run("0012_rejections")
