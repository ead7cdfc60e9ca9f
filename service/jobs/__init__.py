"""Jobs over REST: an archive is sent, scored by a process of its own, and its tables are fetched."""
