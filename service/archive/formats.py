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
        if lowered.endswith(suffix):
            return form, compression
    return None


def describe_suffixes() -> str:
    """The known suffixes, for a message."""
    return f"{', '.join(SUFFIXES)}, each also with {' or '.join(COMPRESSIONS)} behind it"
