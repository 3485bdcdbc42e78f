"""What the services' own Python interpreter runs for the stack."""
