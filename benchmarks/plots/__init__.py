"""Pictures of a run as SVG, readable on a light page and on a dark one."""
