"""Posts in: sources, keyword rules, intake, and the supervision of one stream."""
