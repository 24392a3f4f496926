"""Names of WS-Security that its headers share."""

from typing import Final

_BASE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE: Final = f"{_BASE}wssecurity-secext-1.0.xsd"
WSU: Final = f"{_BASE}wssecurity-utility-1.0.xsd"
USERNAME: Final = f"{_BASE}username-token-profile-1.0#"
X509_V3: Final = f"{_BASE}x509-token-profile-1.0#X509v3"
BASE64: Final = f"{_BASE}soap-message-security-1.0#Base64Binary"
HIDDEN: Final = "[secret]"
