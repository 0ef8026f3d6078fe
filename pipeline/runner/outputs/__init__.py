"""What is written under ``outputs/``: tracks, hand-over files, reports."""
