"""The hosted API and its CDN. Only here are the API's own words known."""
