"""When the night's work is due: once a local day, at the time that the configuration names."""

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from backchannel.config import Settings
from ledger.clock import Clock


class Nightly:
    """Tells when to learn. A night that was missed is made up for as soon as the service runs again."""

    def __init__(self, settings: Callable[[], Settings], clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._done_on: date | None = None

    def due(self) -> date | None:
        """Give the local day whose work is due, if it is; ``done`` then ticks it off."""
        settings = self._settings()
        local = self._clock.now().astimezone(ZoneInfo(settings.notifier.timezone))
        late = local.time() >= settings.matcher.linking.learning.time_of_day
        return local.date() if late and local.date() != self._done_on else None

    def done(self, day: date) -> None:
        """Say that a day's work is done."""
        self._done_on = day
