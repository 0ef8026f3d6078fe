"""The hosted API and its CDN. Only here are the API's own words known."""

import sys

# httpx imports its own command line where it can, and with it rich and pygments: four megabytes
# and a tenth of a second. What is None here cannot be imported, which httpx is prepared for.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
