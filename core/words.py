"""Catalogues of translations, from `locales/`. Vietnamese is the source language and needs none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from core.conversation.wording import Words

SOURCE = "vi"
_LOCALES = Path(str(files("locales")))


class UnknownLanguage(LookupError):
    """There is no folder of that language in `locales/`."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The `Words` of one language. `stored` come first: those that a form version was published with."""

    language: str
    translations: NullTranslations | Words
    stored: Mapping[str, str] = field(default_factory=dict)

    def gettext(self, message: str) -> str:
        """The translation, or the source text. Nothing for nothing: gettext keeps its header under ""."""
        if not message:
            return ""
        return self.stored.get(message) or self.translations.gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The translation that fits `n`."""
        return self.translations.ngettext(singular, plural, n)


def languages() -> tuple[str, ...]:
    """Codes of all languages that people can choose, the source language first."""
    return (SOURCE, *sorted(path.parents[1].name for path in _LOCALES.glob("*/LC_MESSAGES/khaibao.po")))


@cache
def load_words(language: str) -> Catalogue:
    """The catalogue of a language. Raises UnknownLanguage.

    Compiled beside its source when missing or older, so a process that starts later reads it in one go; where
    that folder cannot be written, compiled in memory.
    """
    if language == SOURCE:
        return Catalogue(SOURCE, NullTranslations())
    if language not in languages():
        raise UnknownLanguage(f"no language {language!r} in locales/: there are {', '.join(languages())}")
    return Catalogue(language, GNUTranslations(BytesIO(_compiled(_LOCALES / language / "LC_MESSAGES"))))


def with_stored(words: Words, stored: Mapping[str, str]) -> Catalogue:
    """The same language, with the translations that a stored form version brought along before all others."""
    return Catalogue(words.language, words, stored)


def _compiled(folder: Path) -> bytes:
    source, target = folder / "khaibao.po", folder / "khaibao.mo"
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return target.read_bytes()
    content = compile_po(source.read_bytes())
    with suppress(OSError):
        _write(target, content)
    return content


def compile_po(source: bytes) -> bytes:
    """The `.mo` of a `.po`. Fuzzy entries stay out: a guess is not a translation."""
    out = BytesIO()
    write_mo(out, read_po(BytesIO(source)))
    return out.getvalue()


def _write(target: Path, content: bytes) -> None:
    """Put in place whole: another process may be reading, or writing the same."""
    with NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as part:
        part.write(content)
    Path(part.name).replace(target)
