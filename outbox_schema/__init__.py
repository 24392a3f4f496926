"""The contract between PHP, Python and database administrators: tables, views, grants, migrations, events."""
