"""The table of ``frameline classify`` at any width."""

import io
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from model.codebook import Codebook
from model.prediction import ActorStance, Document, FrameScore, Sentence
from service.table import print_document

LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
CODEBOOK = Codebook.model_validate(
    {
        "name": "wide",
        "version": "1",
        "frames": [
            {"id": "security", "name": "Security justification", "definition": "Guarded."},
            {"id": "humanitarian", "name": "Humanitarian concern", "definition": "Suffered."},
        ],
        "stances": [{"id": name, "name": name, "definition": name} for name in ("supportive", "neutral", "critical")],
        "actors": [{"id": "icrc", "name": "International Committee of the Red Cross", "kind": "organisation"}],
    }
)


def sentence(text: str, *actors: tuple[str, str | None, str], frames: tuple[float, ...] = (0.9, 0.45)) -> Sentence:
    return Sentence(
        start=0,
        end=len(text),
        text=text,
        frames=tuple(
            FrameScore(frame=frame.id, probability=probability, present=probability > 0.4)
            for frame, probability in zip(CODEBOOK.frames, frames, strict=True)
        ),
        actors=tuple(
            ActorStance(
                mention=mention,
                start=text.index(mention),
                end=text.index(mention) + len(mention),
                actor=actor,
                stance=stance,
                probabilities={**dict.fromkeys(CODEBOOK.stance_ids, 0.05), stance: 0.9},
            )
            for mention, actor, stance in actors
        ),
    )


DOCUMENT = Document(
    id="a-rather-long-name-of-a-file-in-some-archive-2024-03-17.txt",
    sentences=(
        sentence(
            "Mitsotakis thanked the Red Cross.", ("Mitsotakis", None, "critical"), ("Red Cross", "icrc", "neutral")
        ),
        sentence("No one came.", frames=(0.1, 0.1)),
        sentence(f"{LONG} fell.", (LONG, None, "supportive")),
        sentence(
            "外交部发言人毛宁表示，中国对俄罗斯的立场没有改变，并呼吁各方保持克制。" * 3, ("中国", None, "supportive")
        ),
    ),
)


def printed(document: Document, width: int, least: float = 0.0, **options: object) -> str:
    stream = io.StringIO()
    console = Console(file=stream, highlight=False, width=width, height=25, **options)  # type: ignore[arg-type]
    print_document(console, document, CODEBOOK, least)
    return stream.getvalue()


def squeezed(text: str) -> str:
    """Without blanks and line ends, which are where a line was broken."""
    return re.sub(r"\s", "", text)


def column(shown: str, number: int) -> str:
    """What stands in a column of the table, squeezed."""
    return squeezed("".join(line.split("│")[number] for line in shown.splitlines() if line.startswith("│")))


@pytest.mark.parametrize("width", [80, 84, 100, 120, 200])
def test_a_table_cuts_nothing(width: int) -> None:
    shown = printed(DOCUMENT, width)
    assert "…" not in shown
    assert re.search("┃ Sentence +┃ Frames +┃ Actors +┃", shown)
    assert column(shown, 2) == squeezed("".join(one.text for one in DOCUMENT.sentences))
    actors = (
        f"− Mitsotakis (critical 0.90) · Red Cross (neutral 0.90) + {LONG} (supportive 0.90) + 中国 (supportive 0.90)"
    )
    assert column(shown, 4) == squeezed(actors)


@pytest.mark.parametrize("width", [30, 40, 60, 79])
def test_a_narrow_table_stands_its_labels_under_their_sentence_and_cuts_nothing(width: int) -> None:
    shown = printed(DOCUMENT, width)
    assert not {"…", "│"} & {*shown}
    sentences = [
        "Mitsotakis thanked the Red Cross. Frames Security justification 0.90 Humanitarian concern 0.45 "
        "Actors − Mitsotakis (critical 0.90) · Red Cross (neutral 0.90)",
        "No one came.",
        f"{LONG} fell. Frames Security justification 0.90 Humanitarian concern 0.45 Actors + {LONG} (supportive 0.90)",
    ]
    expected = "".join(f"{number} {text}" for number, text in enumerate(sentences, start=1))
    assert squeezed(f"{DOCUMENT.id} {expected} 4 {DOCUMENT.sentences[3].text} Frames") in squeezed(shown)
    assert "Security justification 0.90" in shown.replace("\n", " ") or width < 40


def test_a_list_reads_well_in_forty_columns() -> None:
    document = Document(id="a.txt", sentences=DOCUMENT.sentences[:2])
    lines = [line.rstrip() for line in printed(document, 40, least=0.6).splitlines()]
    assert lines == [
        "a.txt",
        "",
        "1  Mitsotakis thanked the Red Cross.",
        "   Frames  Security justification 0.90",
        "           ? Humanitarian concern 0.45",
        "   Actors  − Mitsotakis (critical 0.90)",
        "           · Red Cross (neutral 0.90)",
        "",
        "2  No one came.",
        "",
        "Frames:    Security justification 1 of 2",
        "           Humanitarian concern 0 of 2,",
        "           1 undecided",
        "Actors:    International Committee of",
        "           the Red Cross 1 neutral",
        "Unlisted:  Mitsotakis 1 critical",
        "",
    ]


@example(text="👩‍👩‍👧‍👦 🇬🇷 e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT} 🙏🏽 שלום", width=25)
@settings(deadline=None)
@given(text=st.text(st.sampled_from("ab  立克\t\n。éß-–"), min_size=1, max_size=200), width=st.integers(20, 130))
def test_every_character_is_there_at_any_width(text: str, width: int) -> None:
    shown = printed(Document(id="a", sentences=(sentence(text),)), width)
    if width < 80:
        assert squeezed(f"a1{text}Frames") in squeezed(shown)
    else:
        assert column(shown, 2) == squeezed(text)


def summary(*sentences: Sentence) -> list[str]:
    shown = printed(Document(id="a", sentences=sentences), 120)
    return [line.rstrip() for line in shown.splitlines() if re.match("[A-Z]", line)]


def test_the_summary_sets_actors_apart_that_are_not_listed() -> None:
    frames = "Frames: Security justification {0} of {0}   Humanitarian concern {0} of {0}"
    listed = sentence("The Red Cross paid.", ("Red Cross", "icrc", "neutral"))
    unlisted = sentence("Voss and Mara fled.", ("Voss", None, "critical"), ("Mara", None, "neutral"))
    known = "Actors: International Committee of the Red Cross 1 neutral"
    others = "Unlisted: Voss 1 critical   Mara 1 neutral"
    assert summary(listed, unlisted) == [frames.format(2), known, others]
    assert summary(listed) == [frames.format(1), known]
    assert summary(unlisted) == [frames.format(1), "Actors: none listed", others]
    assert summary() == [frames.format(0), "Actors: none"]


@pytest.mark.parametrize("width", [40, 120])
def test_colours_add_nothing_but_colour(width: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = printed(DOCUMENT, width, 0.6, force_terminal=True, color_system="standard")
    plain = printed(DOCUMENT, width, 0.6)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    without = printed(DOCUMENT, width, 0.6, force_terminal=True, color_system="standard")
    assert not re.search(r"\x1b\[[\d;]*3[0-7]", without)
    assert re.sub(r"\x1b\[[\d;]*m", "", without) == plain


@pytest.mark.parametrize("width", [60, 120])
def test_only_colours_that_no_palette_gives_to_the_background(width: int) -> None:
    """In the palette Solarized, "bright black" is the background's own colour."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system="standard")
    print_document(console, DOCUMENT, CODEBOOK)
    assert isinstance(console.file, io.StringIO)
    codes = {code for found in re.findall(r"\x1b\[([\d;]*)m", console.file.getvalue()) for code in found.split(";")}
    assert "2" in codes  # what is said aside is fainter than the text
    assert codes.isdisjoint({"30", "37", "90", "97"})
