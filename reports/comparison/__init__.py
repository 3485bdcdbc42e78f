"""The page of a comparison: what changed, with both sources side by side."""
