"""Gets the machine and the environments ready, with the standard library only: it runs before all else."""
