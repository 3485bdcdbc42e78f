"""Read the source of a release and record what a request does in it."""
