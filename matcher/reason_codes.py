"""Reason codes by what they speak of: the matter, the case, or who posts."""

from functools import cache

ABOUT = frozenset((
    "reference_exact", "reference_ending", "reference_other", "time_fits", "time_against", "date_shared",
    "channel_fits", "channel_against", "channel_dm_only", "amount", "count", "quote", "kin_mentioned", "text_place",
    "product_other",
))  # fmt: skip
"""What speaks for or against a case rather than its customer, the likeness of the texts apart."""
MATTER = frozenset({"words", "concepts", "likeness", "matter_nothing"})
TOLD = frozenset({"amount", "count", "quote", "date_shared", "text_place", "recency"})
"""What both texts name, and how fresh a case is: one that merely lacks it, as notes of calls do, is no other case."""
WHO = frozenset((
    "name_full", "name_initial", "name_given", "initials_fit", "handle_known", "handle_elsewhere", "handle_confirmed",
    "handle_email", "handle_full", "handle_initial", "handle_letter", "handle_last", "handle_given", "email_exact",
    "phone_exact", "home_same",
))  # fmt: skip
"""What speaks for the poster being this customer."""
IS_SELF = (WHO - {"home_same"}) | {"reference_exact", "reference_ending"}
"""What lets one say that the customer posted: a town alone does not."""
NOT_SELF = frozenset({"name_conflict", "given_conflict", "initials_conflict", "name_other_given"})
"""What says that the poster goes by another name than the customer."""
_OF_A_PERSON = (
    "name_", "given_", "initials_", "handle_", "email_", "phone_", "home_", "kin_", "third_", "self_",
)  # fmt: skip


@cache
def of_person(code: str) -> bool:
    """Whether a reason is about who posts, not about what happened."""
    return code.startswith(_OF_A_PERSON) and code not in ABOUT
