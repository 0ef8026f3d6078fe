"""Lock files: read before buying, kept while buying, mended after damage."""
