"""The formats of an archive's files, known by the ends of their names."""

#: A name's end, and the format it stands for.
SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".warc": "warc",
}
#: Formats that are compressed within, if at all.
_TABLES = ("parquet", "arrow")
#: What may stand behind it.
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}


def recognise(name: str) -> tuple[str, str | None] | None:
    """The format and the compression of a file of that name; None where its suffix is none of the known ones."""
    lowered = name.lower()
    compression = None
    for suffix, kind in COMPRESSIONS.items():
        if lowered.endswith(suffix):
            lowered, compression = lowered.removesuffix(suffix), kind
    for suffix, form in SUFFIXES.items():
        if lowered.endswith(suffix) and not (compression and form in _TABLES):
            return form, compression
    return None


def describe_suffixes() -> str:
    """The known suffixes, for a message."""
    packed = ", ".join(suffix for suffix, form in SUFFIXES.items() if form not in _TABLES)
    tables = ", ".join(suffix for suffix, form in SUFFIXES.items() if form in _TABLES)
    return f"{packed}, each also with {' or '.join(COMPRESSIONS)} behind it, and {tables}"
