"""Gets the machine and the environments ready; standard library only, as it runs before any environment exists."""
