"""What the integration means: `blueprint.yaml`, reviewed by finance and by the ERP's owners."""

from sidecar.blueprint.blueprint import AdapterSettings, Blueprint, load_blueprint
from sidecar.blueprint.document import Domain, DomainPart, OwnersPart

__all__ = ["AdapterSettings", "Blueprint", "Domain", "DomainPart", "OwnersPart", "load_blueprint"]
