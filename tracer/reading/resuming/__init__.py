"""Following on from a finished propagation where a file only has more in it than before."""
