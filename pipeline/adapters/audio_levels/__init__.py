"""Measures a file's sound: loudness, true peak, silence, clipping. Needs numpy: extra ``audio``."""
