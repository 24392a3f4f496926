"""Profiles that come with the adapter; each is named after its file."""
