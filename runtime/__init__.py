"""Install, start, watch, drive and remove a real compute stack."""
