"""JSON on the wire, and answers that the caller has already."""

import hashlib
import json
from typing import Any

from fastapi import Request, Response

FRESH = {"Cache-Control": "no-cache"}  # ask again each time; the tag says whether it is still so


def compact(content: Any) -> bytes:
    """Return JSON as bytes, without spaces."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def unchanged(request: Request, etag: str) -> Response | None:
    """Return "not modified" to a caller that names this tag, else None."""
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag.removeprefix("W/") in known or "*" in known:
        return Response(status_code=304, headers={"ETag": etag, **FRESH})
    return None


def reply(content: bytes, media: str, etag: str | None = None) -> Response:
    """Return content with its tag."""
    return Response(content, media_type=media, headers={"ETag": etag, **FRESH} if etag else FRESH)


def tagged(request: Request, content: bytes, media: str, build_id: str) -> Response:
    """Return content that not its build alone decides, with a tag of both; "not modified" to who has it."""
    etag = f'"{build_id}.{hashlib.sha256(content).hexdigest()[:16]}"'
    return unchanged(request, etag) or reply(content, media, etag)
