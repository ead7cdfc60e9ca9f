"""Annotations in the formats of other tools: one module a format, each with the same two verbs."""
