"""A loopback imitation of api.x.com v2: rules, filtered stream, recent search, lookups and their faults."""

from playground.x.query import QueryError
from playground.x.server import LoopbackX
from playground.x.service import CONNECTIONS, LOOKUP, RECENT, RULES, STREAM

__all__ = ["CONNECTIONS", "LOOKUP", "RECENT", "RULES", "STREAM", "LoopbackX", "QueryError"]
