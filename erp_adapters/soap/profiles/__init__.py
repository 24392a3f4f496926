"""Profiles that come with the adapter; each has its WSDL beside it."""
