"""What tells apart the cases that an alert asks about."""

from collections.abc import Sequence
from datetime import datetime

from crm.records import Case
from notifier.casewords import called

SAME = "the same facts as the others"
_DAY = 86400
_CAME = {
    "email": "by e-mail",
    "phone": "by phone",
    "chat": "by chat",
    "in_person": "in person",
    "partner": "through a partner",
}


def tells_apart(cases: Sequence[Case], posted_at: datetime, *, full: bool) -> list[str]:
    """Give for each case what the others have otherwise: customer, town, channel, product, age.

    ``full`` says whether customers may be named. Where all is the same, the texts are empty.
    """
    facts = [_facts(case, posted_at, full=full) for case in cases]
    varying = [place for place, values in enumerate(zip(*facts, strict=True)) if len(set(values)) > 1]
    return [", ".join(fact[place] for place in varying) for fact in facts]


def _facts(case: Case, posted_at: datetime, *, full: bool) -> tuple[str, ...]:
    days = max(round((posted_at - case.opened_at).total_seconds() / _DAY), 0)
    return (
        called(case, full=full),
        case.customer.city or "no known town",
        _CAME[case.channel],
        case.product or "no known product",
        f"opened {days} day{'' if days == 1 else 's'} before the post",
    )
