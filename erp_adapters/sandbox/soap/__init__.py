"""Kontor, a SOAP ERP that exists here only: its own contract and security, in front of the sandbox ERP's books."""
