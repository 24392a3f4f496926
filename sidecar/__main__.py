"""`python -m sidecar` is `erp-sidecar`."""

import sys

from sidecar.cli import main

sys.exit(main())
