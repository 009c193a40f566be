"""The mean of a network's weights at several steps, or of several networks."""

import torch


class Average:
    """Counts weights and gives their mean."""

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._count = 0
        self._mean: dict[str, torch.Tensor] = {}

    def add(self, network: torch.nn.Module) -> None:
        """Count the weights as they now are."""
        self._count += 1
        for name, weight in network.state_dict().items():
            value = weight.detach().double() if weight.is_floating_point() else weight.clone()
            kept = self._mean.get(name)
            moved = value if kept is None or not weight.is_floating_point() else kept + (value - kept) / self._count
            self._mean[name] = moved

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the mean."""
        return {name: mean.float() if mean.is_floating_point() else mean for name, mean in self._mean.items()}
