"""The facts that songmake carries as files: the manifest's schema and the models' profiles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pipeline
from pipeline.core.wanted.album import DEFAULT_CONTRACT
from pipeline.core.wanted.profile import Profile, Profiles

PROFILE_SCHEMA = "songmake/profile/2"


def schemas_folder() -> Path:
    """Where the schemas are: inside an installed package, beside it in a checkout."""
    package = Path(pipeline.__file__).parent
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parent / "schemas"


def load_album_schema() -> Mapping[str, Any]:
    """The manifest's JSON Schema; its numbers are ``int`` or ``Decimal``."""
    return _load_json(_album_schema_file())


def album_schema_text() -> str:
    """The same, as the file says it."""
    return _album_schema_file().read_text(encoding="utf-8")


def _album_schema_file() -> Path:
    return schemas_folder() / "album.schema.json"


def load_profiles() -> Profiles:
    """Every profile by model and contract, in the order of the names, default contracts first."""
    found = [_profile(_load_json(file)) for file in (schemas_folder() / "profiles").glob("*.json")]
    found.sort(key=lambda each: (each.model, each.contract != DEFAULT_CONTRACT, each.contract))
    return MappingProxyType({profile.key: profile for profile in found})


def _load_json(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return document


def _profile(document: Mapping[str, Any]) -> Profile:
    if document["schema"] != PROFILE_SCHEMA:
        raise ValueError(f"the profile of {document['model']} is no {PROFILE_SCHEMA}")
    price, tags = document["price"], document["structure_tags"]
    return Profile(
        model=document["model"],
        contract=document["contract"],
        price_usd=None if price is None else Decimal(price["usd"]),
        wire=MappingProxyType(document["wire"]),
        scale=MappingProxyType(document["scale"]),
        defaults=MappingProxyType(document["defaults"]),
        structure_tags=None if tags is None else tuple(tags),
        request_schema=MappingProxyType(document["request"]),
        usual_wait=document.get("usual_wait"),
    )
