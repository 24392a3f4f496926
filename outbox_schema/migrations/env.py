"""Alembic's entry: on the connection it is given, or, without one, as SQL written to the buffer it is given."""

from alembic import context

settings = context.config.attributes
context.configure(
    connection=settings.get("connection"),
    dialect_name=None if "connection" in settings else "mysql",
    version_table=f"{settings['prefix']}erp_schema_version",
    output_buffer=settings.get("buffer"),
)
with context.begin_transaction():
    context.run_migrations()
