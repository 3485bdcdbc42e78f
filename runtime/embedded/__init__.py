"""The light variant of the stack: Nova and Placement in one process, Glance beside it, and nothing else."""
