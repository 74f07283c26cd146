"""The language of the pages: Vietnamese as written, or the one that a person switched to by `?lang=en`.

Templates use `_()` and `ngettext()`, newstyle: `_("Còn %(left)s ngày", left=left)`. Texts are plain: they and
what is filled into them are escaped, and a percent sign is written `%%`. Templates also see `language`, `demo`,
and `switches`, the other languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from babel import Locale
from flask import Flask, request, session
from markupsafe import escape

from core.conversation.wording import Words
from core.words import SOURCE, languages, load_words

_KEY = "language"


@dataclass(frozen=True, slots=True)
class Switch:
    """A link to the page that is shown, in another language. `name` is in that language."""

    language: str
    name: str
    url: str


def install(app: Flask, *, demo: bool) -> None:
    """Teach the application's templates their words, and its session the language."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: escape(words().gettext(message)),
        lambda singular, plural, n: escape(words().ngettext(singular, plural, n)),
        newstyle=True,
    )
    app.before_request(_switch)
    app.context_processor(lambda: {"language": language(), "switches": _switches(), "demo": demo})


def language() -> str:
    """Of the current request: one of `core.words.languages()`, also when a cookie names one that is gone."""
    chosen = session.get(_KEY, SOURCE)
    return chosen if chosen in _languages() else SOURCE


def words() -> Words:
    """The catalogue of the current request, for words that Python says."""
    return load_words(language())


def _switches() -> list[Switch]:
    here = request.args.to_dict()
    return [
        Switch(other, _own_name(other), f"{request.path}?{urlencode({**here, 'lang': other})}")
        for other in _languages()
        if other != language()
    ]


def _own_name(code: str) -> str:
    name = Locale.parse(code).get_language_name(code) or code
    return name[:1].upper() + name[1:]


def _switch() -> None:
    chosen = request.args.get("lang", "")
    if chosen in _languages():
        session[_KEY] = chosen


@cache
def _languages() -> tuple[str, ...]:
    return languages()
