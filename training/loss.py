"""How far a network is from the labels, and from its teacher."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

from training.lessons import Lessons
from training.network import Network, flags
from training.rows import Row

_SMOOTHING = 0.04
_FLAGS, _MOOD, _SEVERITY, _KINDS = 0.5, 0.5, 0.5, 0.4
_LABELS = 0.3

Found = tuple[torch.Tensor, ...]


class LabelLoss:
    """The complaint, and beside it what else the labels say: it teaches the network what the words mean."""

    def __init__(self, network: Network, rows: Sequence[Row]) -> None:
        """Read the labels of ``rows``."""
        self._flags = flags(rows) * (1 - _SMOOTHING) + _SMOOTHING / 2
        self._severity = torch.tensor([row.severity / 3 for row in rows])
        self._complaint = torch.tensor([float(row.complaint) for row in rows])
        self._kinds = torch.tensor([network.kinds.index(row.kind) for row in rows])

    def __call__(self, places: list[int], found: Found) -> torch.Tensor:
        """Return the loss of one batch, whose rows stand at ``places``."""
        said, severity, kind = (part.float() for part in found[:3])
        flag = functional.binary_cross_entropy_with_logits(said, self._flags[places], reduction="none")
        off = (severity - self._severity[places]).square() * self._complaint[places]
        wrong_kind = functional.cross_entropy(kind, self._kinds[places], label_smoothing=0.05)
        return _of_flags(flag) + _SEVERITY * off.mean() + _KINDS * wrong_kind


class OpinionLoss:
    """What the teachers and the grades say of a text, and its labels where it has some."""

    def __init__(self, network: Network, lessons: Lessons, rows: Sequence[Row]) -> None:
        """Read the lessons, and the labels of those that are rows of the corpus."""
        self._flags = torch.sigmoid(torch.from_numpy(lessons.said.flags))
        self._severity = torch.from_numpy(lessons.said.severity)
        self._kinds = functional.softmax(torch.from_numpy(lessons.said.kinds), dim=1)
        known = {row.id: row for row in rows}
        self._labelled = [name in known for name in lessons.rows]
        self._labels = LabelLoss(network, [known.get(name, rows[0]) for name in lessons.rows])

    def __call__(self, places: list[int], found: Found) -> torch.Tensor:
        """Return the loss of one batch, whose texts stand at ``places``."""
        loss = self._taught(places, found)
        own = [number for number, place in enumerate(places) if self._labelled[place]]
        if own:
            loss = loss + _LABELS * self._labels([places[n] for n in own], tuple(part[own] for part in found[:3]))
        return loss

    def _taught(self, places: list[int], found: Found) -> torch.Tensor:
        said, severity, kind = (part.float() for part in found[:3])
        flags_ = self._flags[places]
        flag = functional.binary_cross_entropy_with_logits(said, flags_, reduction="none")
        off = (severity - self._severity[places]).square() * flags_[:, 0]
        kinds: Any = functional.kl_div(functional.log_softmax(kind, dim=1), self._kinds[places], reduction="batchmean")
        loss: torch.Tensor = _of_flags(flag) + _SEVERITY * off.mean() + _KINDS * kinds
        return loss


class LessonLoss(OpinionLoss):
    """Beside what is said of a text, where the teachers put it among the others.

    The last of what is found is the network's guess at the teachers' mean vectors (after Hinton et al. 2015,
    arXiv 1503.02531, and the hidden states of Jiao et al. 2020, arXiv 1909.10351).
    """

    def __init__(self, network: Network, lessons: Lessons, rows: Sequence[Row]) -> None:
        """Read the lessons, and the labels of those that are rows of the corpus."""
        super().__init__(network, lessons, rows)
        means = torch.from_numpy(lessons.said.means).float()
        self._towards = functional.normalize(means - means.mean(0), dim=1)

    def __call__(self, places: list[int], found: Found) -> torch.Tensor:
        """Return the loss of one batch, whose texts stand at ``places``."""
        apart = 1 - functional.cosine_similarity(found[-1].float(), self._towards[places], dim=1)
        return super().__call__(places, found) + apart.mean()


def _of_flags(wrong: torch.Tensor) -> torch.Tensor:
    """Weigh what is wrong with the flags: the complaint, which stands first, the mood, which stands last, the rest."""
    return wrong[:, 0].mean() + _FLAGS * wrong[:, 1:-1].mean() + _MOOD * wrong[:, -1].mean()
