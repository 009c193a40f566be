"""When an alert's clock started, when it ends, and when somebody is reminded: decided once, when it is raised."""

from datetime import datetime, timedelta

import msgspec

from notifier.config import Policy


class Schedule(msgspec.Struct, frozen=True):
    """The times of one alert, in UTC. ``due_at`` is the promise to the public; the other two are what we do about it.

    ``remind_at`` is None where the policy has no reminder, ``late`` where the post was heard too late for the promise
    to leave the team the time that the policy grants it.
    """

    clock_from: datetime
    due_at: datetime
    escalate_at: datetime
    remind_at: datetime | None
    late: bool


def schedule(policy: Policy, posted_at: datetime, now: datetime) -> Schedule:
    """Return the times of an alert raised at ``now`` about a post of ``posted_at``.

    The clock counts from the post, for the public sees how long it took, and not how late we heard. After an outage
    that would fire every reminder and escalation at once, so the team always has ``policy.at_least`` from the alert
    to the escalation; a reminder whose time has passed moves to the middle of what is left. A post from the future
    (two clocks that disagree) counts from now.
    """
    clock_from = min(posted_at, now)
    due_at = clock_from + policy.respond_within
    escalate_at = max(due_at, now + min(policy.at_least, policy.respond_within))
    return Schedule(
        clock_from, due_at, escalate_at, _remind_at(policy, clock_from, escalate_at, now), due_at < escalate_at
    )


def _remind_at(policy: Policy, clock_from: datetime, escalate_at: datetime, now: datetime) -> datetime | None:
    if policy.remind_after is None:
        return None
    wanted = clock_from + policy.remind_after
    return wanted if wanted > now + _AT_ONCE else now + (escalate_at - now) / 2


_AT_ONCE = timedelta(minutes=2)
