"""Handles: the part that tells who somebody is, without platform and server."""

import re

from matcher.folding import compact, fold


def handle_base(handle: str) -> str:
    """Give the telling part of a handle: no ``@``, ``u/`` or server, folded and joined."""
    return compact(_own_part(handle.lower()))


def handle_parts(handle: str) -> list[str]:
    """Give the words of a handle, split at marks, digits and capitals."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", _own_part(handle))
    return [part for part in re.split(r"[^a-z]+", fold(spaced)) if part]


def _own_part(handle: str) -> str:
    """Cut a server or a domain of Bluesky, as of "ann@hops.example" and "ann.bsky.social", but not in "ann.lee"."""
    bare = re.sub(r"^(?:@|/?u/)+", "", handle.strip()).split("@")[0]
    return re.sub(r"\.(?:(?:bsky|blacksky|eurosky|northsky)\.)?(?:social|example|app|com|org|net)$", "", bare)
