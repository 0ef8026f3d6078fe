"""Pages in a real browser. A package, so that its one Chromium ends with its last test."""
