"""What the commands on call flow do: from what a person names to flows, baselines and findings."""
