"""What goes wrong at the loopback Slack, on command."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """One kind of trouble for the next ``times`` calls of ``method`` (of any, where it is None)."""

    kind: str
    method: str | None
    times: int
    seconds: int = 0
    error: str = ""


@dataclass(slots=True)
class Faults:
    """The trouble that still waits for a call."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Queue a fault behind those that wait."""
        self.waiting.append(fault)

    def strike(self, method: str) -> Fault | None:
        """Return the first fault that fits this call, and count it down."""
        for fault in self.waiting:
            if fault.method in (None, method):
                fault.times -= 1
                self.waiting = [left for left in self.waiting if left.times > 0]
                return fault
        return None

    def clear(self) -> None:
        """Forget all trouble."""
        self.waiting = []
