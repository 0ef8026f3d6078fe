"""A cheap stand-in for the hosted API and its CDN, so that what is measured is the client."""
