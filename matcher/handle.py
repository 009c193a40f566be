"""Handles: the part that tells who somebody is, without platform and server."""

import re

import msgspec

from matcher.folding import compact, fold
from matcher.names import Names, PersonName

_LEAST_GIVEN = 2  # letters; shorter parts may be anything


def handle_base(handle: str) -> str:
    """Give the telling part of a handle: no ``@``, ``u/`` or server, folded and joined."""
    return compact(_own_part(handle.lower()))


def handle_parts(handle: str) -> list[str]:
    """Give the words of a handle, split at marks, digits and capitals."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", _own_part(handle))
    return [part for part in re.split(r"[^a-z]+", fold(spaced)) if part]


def spelt_out(name: PersonName, parts: list[str], names: Names) -> PersonName:
    """Give a name of an initial and a surname whole, where the words of the handle do: "B Oldroyd", bernard.oldroyd."""
    known = (part for part in parts if len(part) > _LEAST_GIVEN and part != name.last and names.is_given(part))
    given = next((part for part in known if part.startswith(name.given)), "")
    if len(name.given) != 1 or not given or name.last not in parts:
        return name
    return msgspec.structs.replace(name, given=given, givens=(given,), full=True)


def _own_part(handle: str) -> str:
    """Cut a server or a domain of Bluesky, as of "ann@hops.example" and "ann.bsky.social", but not in "ann.lee"."""
    bare = re.sub(r"^(?:@|/?u/)+", "", handle.strip()).split("@")[0]
    return re.sub(r"\.(?:(?:bsky|blacksky|eurosky|northsky)\.)?(?:social|example|app|com|org|net)$", "", bare)
