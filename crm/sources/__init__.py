"""Every kind of CRM that there is: adding one is its file here, its section in ``crm.config`` and a line below."""

from sqlalchemy.ext.asyncio import AsyncEngine

from crm.config import EmbeddedCrmConfig, SqlCrmConfig
from crm.source import CrmSource
from crm.sources.embedded import EmbeddedCrm
from crm.sources.sql import SqlCrm


def open_crm(config: EmbeddedCrmConfig | SqlCrmConfig, engine: AsyncEngine) -> CrmSource:
    """Give the adapter of a configured CRM; it connects when it first reads. ``engine`` reads our own database."""
    return EmbeddedCrm(engine) if isinstance(config, EmbeddedCrmConfig) else SqlCrm(config)
