"""A customised SOAP ERP, described by its WSDL and a profile: data, no code."""

from erp_adapters.soap.adapter import SoapAdapter
from erp_adapters.soap.door import Door
from erp_adapters.soap.loading import load
from erp_adapters.soap.security import NoHeader, Token, proof_in_header

__all__ = ["Door", "NoHeader", "SoapAdapter", "Token", "load", "proof_in_header"]
