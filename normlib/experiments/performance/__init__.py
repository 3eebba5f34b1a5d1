"""Chapter 8: what the norms cost, and how speed is won."""
