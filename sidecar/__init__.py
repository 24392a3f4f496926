"""The sidecar: relays a Magento shop's outbox to its ERP and brings the acknowledgements back."""
