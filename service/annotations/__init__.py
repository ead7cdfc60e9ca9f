"""Corrections of labels: kept in a database in which nothing is overwritten, and read from there."""
