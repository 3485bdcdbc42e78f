"""From a file to its summary: one walk over its libcst tree."""
