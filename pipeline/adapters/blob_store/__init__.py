"""The store: the provider's pristine bytes, found by their checksum, never changed."""

from pipeline.adapters.blob_store.checksums import checksum_of
from pipeline.adapters.blob_store.desk import Desk
from pipeline.adapters.blob_store.opening import open_store
from pipeline.adapters.blob_store.protocol import BlobStore
from pipeline.adapters.blob_store.shelves import Shelf, open_shelves

__all__ = ["BlobStore", "Desk", "Shelf", "checksum_of", "open_shelves", "open_store"]
