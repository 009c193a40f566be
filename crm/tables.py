"""The embedded CRM's tables. Their MetaData is their own: the ledger's migrations do not know them."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

from ledger.tables import UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

crm_customers = Table(
    "crm_customers",
    metadata,
    Column("customer_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("city", String),
    Column("region", String),
    Column("country", String),
    Column("household_id", String),
)

crm_contact_points = Table(
    "crm_contact_points",
    metadata,
    Column("customer_id", String, ForeignKey("crm_customers.customer_id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("value", String, nullable=False),
    Column("platform", String),
)

crm_cases = Table(
    "crm_cases",
    metadata,
    Column("case_id", String, primary_key=True),
    Column("customer_id", String, ForeignKey("crm_customers.customer_id"), nullable=False, index=True),
    Column("channel", String, nullable=False),
    Column("status", String, nullable=False),
    Column("team", String, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("resolved_at", UtcTime),
    Column("subject", Text, nullable=False),
    Column("product", String),
    Column("reference", String),
    Column("brand", String),
    Column("url", String),
    Column("change_seq", BigInteger, nullable=False),
    Index("ix_crm_cases_change_seq", "change_seq", unique=True),
)

crm_messages = Table(
    "crm_messages",
    metadata,
    Column("case_id", String, ForeignKey("crm_cases.case_id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("author", String, nullable=False),
    Column("text", Text, nullable=False),
)

crm_changes = Table(
    "crm_changes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
)
"""One row: the newest change. Its row lock makes changes commit in the order of their numbers, so none is skipped."""
