"""The version, as a constant: asking the installed metadata for it costs five Python starts."""

__version__ = "0.1.0"
