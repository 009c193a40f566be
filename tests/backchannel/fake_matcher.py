"""A matcher that says what it was told to say, and breaks, hangs or stumbles where a test wants it to."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from matcher.assess import Assessor
from matcher.linking import Candidate, Evidence, Linking, Outcome, Thresholds
from matcher.mention import MentionText
from matcher.verdict import Verdict, Word

REASON = Evidence("relation", 2.0, "says 'my husband'")


class FakeMatcher:
    """Judges and links by words of the text: without any of the words it was told of, a post is no complaint."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.batches: list[int] = []
        self.asked: list[str] = []
        self.contexts: list[str | None] = []
        self.moved = ""
        self._answers: dict[str, Linking | None] = {}
        self._poison: list[str] = []
        self._errors: list[Exception] = []
        self._hanging: asyncio.Event | None = None
        self._endless: list[str] = []
        self._let_go = threading.Event()
        self.on_endless: Callable[[], None] = lambda: None

    def assessor(self) -> Assessor[Verdict]:
        """Give the real assessor over this."""
        return Assessor(self, self)

    def links(self, word: str, case_id: str, probability: float = 0.94) -> None:
        """Be sure of one case for posts with this word."""
        self._answers[word] = _linking("link", [(case_id, probability)])

    def asks(self, word: str, *case_ids: str) -> None:
        """Be unsure between cases for posts with this word."""
        share = 0.8 / len(case_ids)
        self._answers[word] = _linking("possible", [(each, share - n / 100) for n, each in enumerate(case_ids)])

    def finds_no_case(self, word: str) -> None:
        """Know of no case for complaints with this word."""
        self._answers[word] = _linking("unlinked", [])

    def breaks_on(self, word: str, error: Exception | None = None) -> None:
        """Break on posts with this word, for ever, by an error that quotes the post where none is given."""
        self._poison.append(word)
        self._error = error or RuntimeError("a text that must never be shown: secret-canary")

    def never_ends_on(self, word: str) -> None:
        """Hold up the thread that judges posts with this word; ``on_endless`` is called there, ``let_go`` ends it."""
        self._endless.append(word)

    def let_go(self) -> None:
        """End what never ends, and begin nothing of that kind again."""
        self._endless.clear()
        self._let_go.set()

    def stumble(self, error: Exception) -> None:
        """Raise this at the next complaint, once."""
        self._errors.append(error)

    def hang(self) -> asyncio.Event:
        """Stand still at the next complaint until the event that this gives is set."""
        self._hanging = asyncio.Event()
        return self._hanging

    def judge(
        self,
        texts: Sequence[str],
        contexts: Sequence[str | None],
        langs: Sequence[str | None],
        brands: Sequence[str | None],
        *,
        hurried: bool = False,
    ) -> Sequence[Verdict]:
        """Say which texts are complaints; it is called in a worker thread."""
        self.batches.append(len(texts))
        self.asked += texts
        self.contexts += contexts
        if any(word in text for text in texts for word in self._endless):
            self.on_endless()
            self._let_go.wait()
        if any(word in text for text in texts for word in self._poison):
            raise self._error
        return [_verdict(any(word in text for word in self._answers), self.moved) for text in texts]

    async def link(self, mention: MentionText, now: datetime) -> Linking | None:
        """Say whose case it is."""
        self.entered.set()
        if self._hanging is not None:
            gate, self._hanging = self._hanging, None
            await gate.wait()
        if self._errors:
            raise self._errors.pop()
        if mention.policy == "off":
            return None
        return next(answer for word, answer in self._answers.items() if word in mention.text)


def _verdict(complaint: bool, moved: str) -> Verdict:
    return Verdict(
        complaint,
        0.9 if complaint else 0.02,
        "no_reply",
        0.5,
        True,
        (Word("nothing", 1.0),),
        "en",
        "It reads as a complaint.",
        moved=moved,
    )


def _linking(decision: Outcome, found: Sequence[tuple[str, float]]) -> Linking:
    shown = tuple(Candidate(case_id, chance, (REASON,), relation="spouse") for case_id, chance in found)
    return Linking(decision, shown, 1 - sum(c for _, c in found), 0.2, Thresholds(0.8, 0.4), model="fake")
