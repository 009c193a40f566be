"""A faithful loopback imitation of the part of Reddit that a listener reads."""

from playground.reddit.log import Asked
from playground.reddit.server import LoopbackReddit

__all__ = ["Asked", "LoopbackReddit"]
