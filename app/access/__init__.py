"""May this person do that, on which rows, with which fields? Pure: a policy and values in, answers out."""

from app.access.actor import ANONYMOUS, SYSTEM, Actor
from app.access.decisions import AccessDenied, Decision, decide, may_see_type
from app.access.fields import hidden_fields, logs_reading, masked_fields, masks_for, read_only_fields
from app.access.masks import mask_value
from app.access.policy import Policy, compile_policy, refers_to_records
from app.access.rows import (
    ABOUT,
    FOLLOWING,
    VEILED,
    RowScope,
    in_scope,
    link_id,
    owner_fields,
    row_scope,
    unit_of,
)

__all__ = [
    "ABOUT",
    "ANONYMOUS",
    "FOLLOWING",
    "SYSTEM",
    "VEILED",
    "AccessDenied",
    "Actor",
    "Decision",
    "Policy",
    "RowScope",
    "compile_policy",
    "decide",
    "hidden_fields",
    "in_scope",
    "link_id",
    "logs_reading",
    "mask_value",
    "masked_fields",
    "masks_for",
    "may_see_type",
    "owner_fields",
    "read_only_fields",
    "refers_to_records",
    "row_scope",
    "unit_of",
]
