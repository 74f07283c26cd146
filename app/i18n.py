"""The language of the pages: Vietnamese as written, or the one that a person switched to by `?lang=en`.

Templates use `_()` and `ngettext()`, newstyle: `_("Còn %(left)s ngày", left=left)` escapes what it fills in,
and a bare percent sign is written `%%`. They also see `language`, `languages` and `demo`.
"""

from __future__ import annotations

from functools import cache

from flask import Flask, request, session

from core.conversation.wording import Words
from core.words import SOURCE, languages, load_words

_KEY = "language"


def install(app: Flask, *, demo: bool) -> None:
    """Teach the application's templates their words, and its session the language."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: words().gettext(message),
        lambda singular, plural, n: words().ngettext(singular, plural, n),
        newstyle=True,
    )
    app.before_request(_switch)
    app.context_processor(lambda: {"language": language(), "languages": _languages(), "demo": demo})


def language() -> str:
    """Of the current request: one of `core.words.languages()`, also when a cookie names one that is gone."""
    chosen = session.get(_KEY, SOURCE)
    return chosen if chosen in _languages() else SOURCE


def words() -> Words:
    """The catalogue of the current request, for words that Python says."""
    return load_words(language())


def _switch() -> None:
    chosen = request.args.get("lang", "")
    if chosen in _languages():
        session[_KEY] = chosen


@cache
def _languages() -> tuple[str, ...]:
    return languages()
