"""Edges: each touches one thing outside (disk, database, network) and knows no other."""
