"""Annotations of any kind that the codebook of the tests allows."""

from hypothesis import strategies as st

from model.annotation import Annotation

_LETTERS = st.characters(exclude_categories=["Cs"])
_PRINTED = st.characters(exclude_categories=["Cs", "Cc"])
#: Strings that formats have stumbled over: reserved signs, several planes, line ends, quotes.
_AWKWARD = [
    *[
        "😀",
        "👩‍🚀",
        "𝔊",
        "e\u0301",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "\u2028",
        "\x85",
        '"',
        "'",
        ",",
        ";",
        "|",
        "[1]",
        "_",
        "*",
    ],
    *["\\", "->", "\\t", "#Text=", "<a&b>", "{}", "=1+1", "\ufeff", "مرحبا", "T1\tActor", "%2F", "x"],
]


def texts(*, printed: bool) -> st.SearchStrategy[str]:
    """Texts that are not blank; ``printed``: without control characters."""
    signs = [sign for sign in _AWKWARD if not printed or sign.isprintable() or sign in "\t\u2028"]
    parts = st.tuples(st.text(_PRINTED if printed else _LETTERS, max_size=6), st.sampled_from(signs), st.text("ab c_"))
    return parts.map("".join).filter(lambda text: bool(text.strip()))


def names(*, printed: bool) -> st.SearchStrategy[str]:
    """Ids and the names of documents, annotators and origins, with no white space at their ends."""
    return texts(printed=printed).map(str.strip).filter(bool)


@st.composite
def annotation_lists(draw: st.DrawFn, *, printed: bool = False) -> list[Annotation]:
    """Some annotations, by several annotators, of several documents."""
    documents = draw(st.lists(names(printed=printed), min_size=1, max_size=3, unique=True))
    annotators = draw(st.lists(names(printed=printed), min_size=1, max_size=2, unique=True))
    keys = st.tuples(names(printed=printed), st.sampled_from(annotators))
    ids = draw(st.lists(keys, min_size=1, max_size=5, unique=True))
    return [draw(_annotation(name, annotator, documents, printed)) for name, annotator in ids]


@st.composite
def _annotation(draw: st.DrawFn, name: str, annotator: str, documents: list[str], printed: bool) -> Annotation:
    text = draw(texts(printed=printed))
    places = [
        (start, end)
        for start in range(len(text))
        for end in range(start + 1, len(text) + 1)
        if text[start:end] == text[start:end].strip()
    ]
    drawn = draw(st.lists(st.sampled_from(places), max_size=4)) if places else []
    chosen: list[tuple[int, int]] = []
    for start, end in drawn:
        if all(end <= first or last <= start for first, last in chosen):
            chosen.append((start, end))
    named = draw(st.permutations([None, None, None, "arland", "mara-voss"]))
    cut = draw(st.integers(0, len(chosen)))
    actors = [
        {
            "start": start,
            "end": end,
            "stance": draw(st.sampled_from(["supportive", "neutral", "critical"])),
            "actor": actor,
        }
        for (start, end), actor in zip(sorted(chosen[:cut]), named, strict=False)
    ]
    return Annotation.model_validate(
        {
            "id": name,
            "document": draw(st.sampled_from(documents)),
            "text": text,
            "frames": [frame for frame in ("guarding", "fleeing") if draw(st.booleans())],
            "actors": actors,
            "undecided": [{"start": start, "end": end} for start, end in sorted(chosen[cut:])],
            "annotator": annotator,
            "origin": draw(names(printed=printed)),
        }
    )
