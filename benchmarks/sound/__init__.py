"""How the embedded engine sounds, and how well it follows what it is asked for."""
