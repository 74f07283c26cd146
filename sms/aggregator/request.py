"""One request of ours as httpx takes it, made from the file's templates. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sms.aggregator.settings import Auth, Format, Request
from sms.aggregator.template import Template, Values, fill_tree, in_header, in_json, in_url, in_xml, plain

_TYPES: Final = {
    Format.JSON: "application/json",
    Format.XML: "text/xml; charset=utf-8",
    Format.TEXT: "text/plain; charset=utf-8",
}
_ESCAPES: Final = {Format.JSON: in_json, Format.XML: in_xml}


def prepared(request: Request, values: Values) -> dict[str, Any]:
    """`params`, `data`, `json` or `content`, and `headers`. The address is `address`'s."""
    headers = {name: value.fill(values, in_header) for name, value in request.headers.items()}
    if isinstance(request.body, Template):
        content = request.body.fill(values, _ESCAPES.get(request.format, plain)).encode("utf-8", "replace")
        return {"content": content, "headers": {"Content-Type": _TYPES[request.format], **headers}}
    fields = fill_tree(request.body, values)
    if request.format is Format.JSON and request.method != "GET":
        return {"json": fields, "headers": headers}
    return {"data" if request.format is Format.FORM else "params": fields, "headers": headers}


def address(request: Request, values: Values) -> str:
    """The whole address, its holes filled."""
    return request.url.fill(values, in_url)


def authorised(auth: Auth, values: Values, asks_for_token: bool) -> Mapping[str, Any]:
    """What httpx is told of who we are. A token of oauth2 is a bearer's unless the file puts {token} somewhere."""
    if auth.kind == "basic":
        return {"auth": (auth.user.fill(values), auth.password.fill(values))}
    if auth.kind == "bearer":
        return {"headers": {"Authorization": f"Bearer {auth.token.fill(values, in_header)}"}}
    if auth.kind == "oauth2" and not asks_for_token:
        return {"headers": {"Authorization": f"Bearer {in_header(values.get('token', ''))}"}}
    return {}
