"""The report of a scored archive: one page from the tables that ``frameline score`` wrote."""
