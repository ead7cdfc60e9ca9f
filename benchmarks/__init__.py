"""Every figure in the README has its command here."""
