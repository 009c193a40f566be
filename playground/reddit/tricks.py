"""What Reddit's listings do now and then: stale pages, old items on top, anchors that go while one pages."""

from collections import defaultdict
from collections.abc import Sequence

from playground.reddit.things import Thing


class Tricks:
    """The tricks planned for the next listings; each is played once."""

    def __init__(self) -> None:
        self._stale: dict[str, list[int]] = defaultdict(list)
        self._risen: list[str] = []
        self._anchors = 0

    def stale(self, kind: str, back: int) -> None:
        self._stale[kind].append(back)

    def resurface(self, fullname: str) -> None:
        self._risen.append(fullname)

    def lose_anchor(self) -> None:
        self._anchors += 1

    def takes_anchor(self) -> bool:
        """Say whether the anchor that was just named is to be deleted."""
        taken = self._anchors > 0
        self._anchors -= taken
        return taken

    def play(self, kind: str, shown: Sequence[Thing]) -> list[Thing]:
        """Give the listing as the due tricks make it look."""
        if self._stale[kind]:
            shown = shown[self._stale[kind].pop(0) :]
        risen = [thing for thing in shown if thing.fullname in self._risen]
        self._risen = [name for name in self._risen if name not in {thing.fullname for thing in risen}]
        return risen + [thing for thing in shown if thing not in risen] if risen else list(shown)
