"""A custom complaint model comes into force while the service goes on, and whatever it raises keeps the old one."""

import sys
import threading
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.stories.inside import Inside, write

PATIENCE = 20.0  # seconds
COMPLAINT = "{model: acme/gripes, labels: {GRIPE: complaint, FINE: not}}"
CUSTOM = ("notifier:", f"matcher: {{complaint: {COMPLAINT}}}\nnotifier:")
MORE = ('"harbour lager"]', '"harbour lager", "peat smoke"]')


class Hub:
    """Stands in for ``transformers``: counts what is loaded, holds it back while told to, and fails as told."""

    def __init__(self) -> None:
        self.loads = 0
        self.asked = threading.Event()
        self.answers = threading.Event()
        self.answers.set()
        self.error: Exception | None = None

    def pipeline(self, task: str, *, model: str, device: str) -> Any:
        self.loads += 1
        self.asked.set()
        assert self.answers.wait(PATIENCE)
        if self.error is not None:
            raise self.error
        return Gripes()


class Gripes:
    """A model to which every text is a gripe."""

    def __init__(self) -> None:
        self.model = SimpleNamespace(config=SimpleNamespace(id2label={0: "FINE", 1: "GRIPE"}))

    def __call__(self, texts: list[str], **options: Any) -> list[list[dict[str, object]]]:
        return [[{"label": "GRIPE", "score": 0.9}, {"label": "FINE", "score": 0.1}] for _ in texts]


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The packages of the extra, as far as we use them."""
    opened = Hub()
    parts: dict[str, dict[str, Any]] = {
        "torch": {"set_num_threads": lambda _: None},
        "transformers": {"pipeline": opened.pipeline},
    }
    for name, what in parts.items():
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        module.__dict__.update(what)
        monkeypatch.setitem(sys.modules, name, module)
    yield opened
    opened.answers.set()


async def test_the_service_answers_while_a_model_is_loaded(running: Inside, hub: Hub) -> None:
    """A hub that does not answer is tried for half a minute; Slack waits for three seconds."""
    hub.answers.clear()
    before = running.service.reloader.status
    write(running.world, [CUSTOM])
    await running.until(hub.asked.is_set)
    assert (await running.ready())[0] == 200
    assert running.service.reloader.status is before
    hub.answers.set()
    await running.until(lambda: running.service.reloader.status is not before)
    assert running.service.reloader.status.ok
    assert running.service.current.judge.version.startswith("custom:")


async def test_an_unchanged_model_is_not_loaded_again(running: Inside, hub: Hub) -> None:
    await running.save(CUSTOM)
    judge = running.service.current.judge
    await running.save(CUSTOM, MORE)
    assert "peat smoke" in str(running.service.current.settings.rules)
    assert (running.service.current.judge is judge, hub.loads) == (True, 1)
    await running.save((CUSTOM[0], CUSTOM[1].replace("acme/gripes", "acme/grumbles")))
    assert hub.loads == 2
    (verdict,) = running.service.current.judge.judge(["fine"], [None], [None], [None])
    assert (verdict.model, verdict.complaint) == ("acme/grumbles", True)


@pytest.mark.parametrize(
    "error", [KeyError("acme"), ImportError("sentencepiece"), RuntimeError("size mismatch"), OSError("")], ids=repr
)
async def test_a_model_that_cannot_be_loaded_is_said_and_the_old_one_stays(
    running: Inside, hub: Hub, error: Exception
) -> None:
    before, hub.error = running.service.current, error
    await running.save(CUSTOM)
    status = running.service.reloader.status
    assert not status.ok
    assert "the model acme/gripes cannot be loaded" in status.problems[0].message
    assert running.service.current is before
    assert "An older configuration is in force" in await running.page()
