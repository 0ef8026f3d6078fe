"""Clients that are measured from within, each in a process of its own: figures as JSON."""
