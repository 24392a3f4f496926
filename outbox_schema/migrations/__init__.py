"""Migrations: each revision is a `.sql` file that an administrator can read, and a `.py` file that runs it."""
