"""What every picture is made of: shapes with roles, the widths of their texts, SVG, PNG and PDF."""
