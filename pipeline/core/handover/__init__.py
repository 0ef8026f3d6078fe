"""The files of an album's folder under ``outputs/``."""
