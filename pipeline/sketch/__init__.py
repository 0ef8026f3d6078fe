"""The embedded engine: music from prompt and lyrics, behind the API's own contract."""
