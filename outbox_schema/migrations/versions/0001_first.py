"""The first tables and views."""

from outbox_schema.migrations.steps import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them where they are absent."""
    run("0001_first")
