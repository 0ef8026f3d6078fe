"""Manifests: YAML text, its schema, and the lyrics files it names, to albums or findings."""

from pipeline.adapters.manifest.find import check_together, find_manifests
from pipeline.adapters.manifest.load import LoadedManifest, load_manifest
from pipeline.adapters.manifest.schema_files import (
    load_album_schema,
    load_profiles,
    schemas_folder,
)

__all__ = [
    "LoadedManifest",
    "check_together",
    "find_manifests",
    "load_album_schema",
    "load_manifest",
    "load_profiles",
    "schemas_folder",
]
