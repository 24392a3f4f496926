"""The demonstration: a shop, an ERP, the sidecar between them, and a checker that trusts neither."""
