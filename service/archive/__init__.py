"""Archives: many documents from files, to tables of sentences and stances."""
