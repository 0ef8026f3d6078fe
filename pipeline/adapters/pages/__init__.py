"""The pages under ``outputs/``: view models to HTML that needs nothing but itself and its audio."""
