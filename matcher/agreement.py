"""Short replies below somebody's complaint: which of them join in."""

from collections.abc import Sequence

_ALIKE = (
    "same too ditto likewise again still another also exactly agreed this nothing "
    "auch ebenso genauso dito gleiche gleichen selbe dasselbe immer wieder nichts genau "
    "pareil aussi idem encore toujours rien exactement "
    "igual tambien también mismo misma tampoco otra nada exacto "
    "tambem também mesmo mesma outra exato "
    "anche uguale stesso stessa ancora niente esatto "
    "ook zelfde hetzelfde nog steeds weer niets precies"
)
_WELL = (
    "fine good great love works worked working ok okay grand sorry thanks thank issues problem problems luck "
    "gut prima danke super läuft klappt problem probleme merci bien marche gracias bien funciona problemas "
    "obrigado obrigada bem funciona grazie bene funziona problemi bedankt goed prima werkt problemen"
)
_JOINS, _FINE = frozenset(_ALIKE.split()), frozenset(_WELL.split())


def joins_in(found: Sequence[str]) -> bool:
    """Whether a short reply, given as tokens, says that its writer fares alike: "same here", "us too, third week"."""
    said = set(found)
    return bool(said & _JOINS) and not said & _FINE
