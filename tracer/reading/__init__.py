"""The static analyzer: source files in, call graph out."""
