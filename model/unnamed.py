"""What a sentence is called, and the document that it is from, where nobody says so: the same wherever it comes in."""

import hashlib

from model.standoff import sentence_digest


def sentence_name(document: str, text: str) -> str:
    """24 hexadecimal digits, the same for the same text of the same document, whoever annotated it."""
    return hashlib.sha256(f"{document}\0{text}".encode(errors="surrogatepass")).hexdigest()[:24]


def document_name(text: str) -> str:
    """A document of the sentence's own, which copies of it share, however their words are spaced."""
    return f"text-{sentence_digest(' '.join(text.split()))[:16]}"
