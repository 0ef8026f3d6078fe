"""The JSON and Markdown documents that commands write."""
