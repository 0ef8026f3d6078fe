"""English spelling to phonemes, word by word, by the voice package's own rules and lexicon."""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

import numpy as np

from pipeline.sketch.voice.package import VoiceMissing, home
from pipeline.sketch.voice.session import Session

_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
# What singers sing and no lexicon spells.
_VOCABLES = {
    "hm": "hm", "hmm": "hm", "mm": "m", "mmm": "m", "mhm": "mhˈʌm", "sh": "ʃˈə", "shh": "ʃˈə",
    "psst": "psˈɪt", "brr": "bɹˈə", "ooh": "ˈu", "oo": "ˈu", "ah": "ˈɑ", "aah": "ˈɑ", "ahh": "ˈɑ",
    "aa": "ˈɑ", "oh": "ˈO", "ohh": "ˈO", "woah": "wˈO", "whoa": "wˈO", "woo": "wˈu", "na": "nˈɑ",
    "nah": "nˈɑ", "la": "lˈɑ", "da": "dˈɑ", "dah": "dˈɑ", "doo": "dˈu", "du": "dˈu", "dum": "dˈʌm",
    "ba": "bˈɑ", "bah": "bˈɑ", "sha": "ʃˈɑ", "ya": "jˈɑ", "hey": "hˈA", "ay": "ˈA", "ayy": "ˈA",
    "yeah": "jˈæ", "uh": "ˈʌ", "huh": "hˈʌ", "ha": "hˈɑ", "tra": "tɹˈɑ",
}  # fmt: skip


def spoken(line: str) -> tuple[str, ...]:
    """The phonemes of each word between spaces; '' for a word that has none.

    Raises VoiceMissing without the voice package, anything at all for text that its rules
    stumble over.
    """
    words = [_plain(word) for word in line.split()]
    rules = _rules()
    said = [rules.normal(word) for word in words]
    tokens = rules.tokens(" ".join(" ".join(part.split()) or "-" for part in said))
    # A word may be read as several ("9:30"): as many tokens' spaces belong to it.
    heard: list[str] = []
    for word, part in zip(words, said, strict=True):
        pieces: list[str] = []
        for _ in range(max(1, len(part.split()))):
            while tokens:
                token = tokens.pop(0)
                pieces.append(token.phonemes or "")
                if token.whitespace:
                    break
        heard.append(_sung(word) or "".join(pieces))
    return tuple(heard)


def forget() -> None:
    """Drop lexicon and rules: about 100 MB, half a second to load again."""
    _rules.cache_clear()


def _plain(word: str) -> str:
    """The word without signs that the rules would take for markup."""
    for quote, plain in (("’", "'"), ("‘", "'"), ("`", "'"), ("…", "..."), ("–", "-")):
        word = word.replace(quote, plain)
    return re.sub(r"[\[\]{}<>*_~^|\\]", "", word).replace("(", "").replace(")", "")


def _sung(word: str) -> str:
    """The phonemes of a word of vocables ("na-na-na"), or ''."""
    parts = re.split(r"-+", re.sub(r"[^\w-]", "", word.lower()).strip("-"))
    known = [_VOCABLES.get(part) or _VOCABLES.get(_DRAWN_OUT.sub(r"\1\1", part)) for part in parts]
    short = [
        sign or _VOCABLES.get(_DRAWN_OUT.sub(r"\1", part))
        for sign, part in zip(known, parts, strict=True)
    ]
    return " ".join(filter(None, short)) if all(short) else ""


class _Rules:
    """The package's grapheme rules, without the rest of the package."""

    def __init__(self) -> None:
        package = _loaded()
        self._unknown = _Unknown(package)
        self._rules: Any = package.G2P(oov=self._unknown)
        self._normalize: Any = package.normalize

    def normal(self, word: str) -> str:
        """A word as it is said: figures, units and abbreviations written out."""
        return str(self._normalize(self._shortened(word)))

    def tokens(self, line: str) -> list[Any]:
        return list(self._rules.phonemize_tokens(self._rules.tokenize(line)))

    def _shortened(self, word: str) -> str:
        """ "soooo" as "so", "goood" as "good"."""
        if not _DRAWN_OUT.search(word):
            return word
        twice = _DRAWN_OUT.sub(r"\1\1", word)
        bare = re.sub(r"[^\w']", "", twice.lower())
        known = bare in self._rules.lexicon.golds
        return twice if known else _DRAWN_OUT.sub(r"\1", word)


class _Unknown:
    """The reader of words that the lexicon lacks, on a session of our own."""

    def __init__(self, package: ModuleType) -> None:
        self._package = package
        self._reader: Any = None

    def __call__(self, word: str) -> str | None:
        if self._reader is None:
            path = home() / "assets" / "oov.onnx"
            reader = sys.modules[f"{self._package.__name__}.oov"].OOV
            self._reader = reader(str(path), _OneCall(Session(path.read_bytes())))
        said = self._reader(word)
        return None if said is None else str(said)


class _OneCall:
    """A session with the call that the reader makes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def run(self, _: None, given: dict[str, Any]) -> list[np.ndarray[Any, Any]]:
        return list(self._session.run((), given))


@cache
def _rules() -> _Rules:
    try:
        return _Rules()
    except (OSError, ImportError, AttributeError, ValueError) as error:
        raise VoiceMissing(f"the voice's spelling rules do not load: {error}") from error


def _loaded() -> ModuleType:
    """The sub-package of the rules alone.

    Its parent would import a downloader of further voices, and scipy where it happens to be.
    """
    name = "songmake_voice_g2p"
    if name in sys.modules:
        return sys.modules[name]
    folder = home() / "g2p"
    spec = spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise VoiceMissing("the voice package has no spelling rules")
    package = module_from_spec(spec)
    sys.modules[name] = package
    try:
        spec.loader.exec_module(package)
        __import__(f"{name}.oov")
    except BaseException:
        del sys.modules[name]
        raise
    return package
