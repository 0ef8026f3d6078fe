"""English names of languages that are sung often, for prompts."""

from __future__ import annotations

NAMES = {
    "ar": "Arabic", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nb": "Norwegian",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def language_name(tag: str | None) -> str | None:
    """``German`` for ``de-AT``; None for a language that has no name here."""
    return NAMES.get((tag or "").partition("-")[0].lower())


def language_tag(text: str) -> str:
    """``de`` for ``German``; any other text is meant as a tag already."""
    tags = (tag for tag, name in NAMES.items() if name.casefold() == text.casefold())
    return next(tags, text)
