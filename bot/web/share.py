"""A link and a QR code by which others come here: to a page, a message, a wall."""

from __future__ import annotations

import segno


def page(public_url: str) -> dict[str, str]:
    """For the template: the `link`, and its QR code as an SVG for a page (`qr`)."""
    link = f"{public_url}/chat"
    code = segno.make(link, error="m", micro=False)
    return {"link": link, "qr": code.svg_inline(scale=6, border=4, omitsize=True)}
