"""From the probes' spool files to one request tree."""
