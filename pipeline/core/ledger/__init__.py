"""The provider's own books, compared with the journal."""
