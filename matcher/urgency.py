"""What a complaint calls for, whatever the heads say: a hazard is grave, and some complaints need an answer."""

import msgspec

from matcher.hazards import hazard
from matcher.heads import LANGUAGES
from matcher.verdict import Verdict

_GRAVE = 0.7
_ANSWERED = frozenset({"no_reply", "billing", "safety", "access", "defect"})
_ANSWERED_FROM = 0.4


def urgent(verdict: Verdict, text: str) -> Verdict:
    """Give a complaint that names a hazard the kind ``safety``, and say that one which waits for an answer needs one.

    No other verdict changes, and none becomes a complaint.
    """
    if not verdict.complaint or verdict.lang not in LANGUAGES:
        return verdict
    if hazard(text):
        verdict = msgspec.structs.replace(verdict, kind="safety", severity=max(verdict.severity, _GRAVE))
    waits = verdict.kind in _ANSWERED and verdict.severity >= _ANSWERED_FROM
    return msgspec.structs.replace(verdict, needs_reply=True) if waits else verdict
