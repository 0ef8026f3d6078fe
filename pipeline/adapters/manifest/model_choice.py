"""Which profile a song is asked by: its model's, under the contract that it names."""

from __future__ import annotations

from pipeline.adapters.manifest.fields import text_at
from pipeline.adapters.manifest.nodes import MappingNode
from pipeline.adapters.manifest.request_check import Breach
from pipeline.adapters.manifest.schema_wording import Words
from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.suggestion import closest
from pipeline.core.wanted.album import DEFAULT_CONTRACT
from pipeline.core.wanted.profile import Profile, ProfileKey, Profiles

DEFAULT_MODEL = "minimax/music-2.6"


def chosen_profile(fields: MappingNode, profiles: Profiles) -> Profile | Breach:
    """The profile, or what is wrong with ``model`` or ``contract``."""
    model = text_at(fields, "model") or DEFAULT_MODEL
    contract = text_at(fields, "contract") or DEFAULT_CONTRACT
    profile = profiles.get(ProfileKey(model, contract))
    if profile is not None:
        return profile
    contracts = [key.contract for key in profiles if key.model == model]
    if contracts:
        message = f"{model} has no contract {excerpt(contract)}"
        return Breach("contract", Words(message, _hint("contracts", contract, contracts)))
    models = list(dict.fromkeys(key.model for key in profiles))
    return Breach("model", Words(f"unknown model {excerpt(model)}", _hint("models", model, models)))


def _hint(noun: str, word: str, known: list[str]) -> str:
    near = closest(word, known)
    meant = f"did you mean {near}? " if near else ""
    return f"{meant}known {noun}: {', '.join(known)}"
