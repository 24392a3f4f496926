"""A customised REST ERP, described by a profile: data, no code."""

from erp_adapters.legacy.adapter import LegacyAdapter
from erp_adapters.legacy.profile import Profile

__all__ = ["LegacyAdapter", "Profile"]
