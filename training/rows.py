"""The labelled corpus in ``training/corpus/*.jsonl`` as rows."""

from pathlib import Path
from zlib import crc32

import msgspec

from matcher.gloss import in_english
from matcher.verdict import KINDS
from matcher.wording import plain

CORPUS = Path(__file__).parent / "corpus"
OUTPUTS = ("complaint", "needs_reply", "severity", *(f"kind:{kind}" for kind in KINDS))
"""What the heads say of a post, in the order in which they are stored."""
ASKED = (*OUTPUTS, "mood")
"""What is asked of the network: the mood becomes a part of the complaint before the heads are stored."""

_UNBRANDED = {"chatter", "quoted", "support_replies"}
_PARTS = 8


class Row(msgspec.Struct, frozen=True):
    """One post with its labels. ``kind`` names what a complaint is about, or what else the post is.

    ``severity`` runs from 0 (no complaint) to 3 (harm, or much money). ``prior_contact`` is the channel over which
    the author, or somebody close, says to have written or called before. ``mood`` runs from 0 (pleased) to 9 (furious)
    with whatever the post is about. ``context`` is the post that it answers.
    """

    id: str
    text: str
    complaint: bool
    kind: str
    asks_help: bool
    prior_contact: str | None
    threat_to_leave: bool
    sarcasm: bool
    severity: int
    lang: str
    trade: str
    mood: int
    context: str | None = None


class Sentence(msgspec.Struct, frozen=True):
    """A sentence in a language that the model is to refuse."""

    id: str
    text: str
    lang: str


def labelled() -> list[Row]:
    """Read every labelled row, in the order of the files' names."""
    files = [path for path in sorted(CORPUS.glob("*.jsonl")) if path.name != "other_languages.jsonl"]
    return [msgspec.json.decode(line, type=Row) for path in files for line in _lines(path)]


def foreign() -> list[Sentence]:
    """Read the sentences in languages that the model does not know."""
    return [msgspec.json.decode(line, type=Sentence) for line in _lines(CORPUS / "other_languages.jsonl")]


def joined(row: Row) -> str:
    """Return what the models read of a row: its text and the post that it answers."""
    return f"{row.text} {row.context}" if row.context else row.text


def read(row: Row) -> str:
    """Return a row as the encoder reads it: without handles and links, and glossed where it is not English."""
    return in_english(plain(joined(row)), row.lang)


def group(row: Row) -> str:
    """Name what is left out together in cross-validation: a trade of one language.

    Chatter about no company is spread out, and railways, a tenth of the corpus, are cut by file.
    """
    part = crc32(row.id.encode()) % _PARTS if row.trade in _UNBRANDED else 0
    return f"{row.lang}:{row.trade}:{row.id.split('-')[0] if row.trade == 'rail' else part}"


def needs_reply(row: Row) -> bool:
    """Whether somebody waits for an answer: a question, a plea, an unanswered case, or a serious complaint."""
    return row.asks_help or row.prior_contact is not None or (row.complaint and row.severity >= 2)


def _lines(path: Path) -> list[bytes]:
    """Split at newlines only: posts hold other line separators."""
    return [line for line in path.read_bytes().split(b"\n") if line]
