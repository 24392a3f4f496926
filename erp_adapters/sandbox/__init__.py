"""An ERP that answers over HTTP, keeps a durable ledger, and fails on demand. See README.md."""
