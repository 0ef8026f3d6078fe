"""Instruments, computed: no samples, no files. All at 44,100 Hz in float32."""
