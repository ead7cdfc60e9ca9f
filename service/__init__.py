"""From text that somebody sends or stores to labels."""
