"""The commands of this package: parse, call, print. One module per family of commands."""
