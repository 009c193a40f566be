"""Why an alert ends by itself, as its message says it."""

RESOLVED = "the case was resolved in the CRM"
GONE = "the case has left the CRM: it was deleted or merged into another"
POST_GONE = "the post was deleted on its platform"
