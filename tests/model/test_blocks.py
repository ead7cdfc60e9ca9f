import pytest

from model.blocks import find_blocks


def blocks(text: str) -> list[str]:
    """Without the white space around them, where there is more than that."""
    return [text[start:end].strip() for start, end in find_blocks(text) if text[start:end].strip()]


def test_blank_lines_and_tags_end_a_block() -> None:
    assert blocks("The army\n \nleft") == ["The army", "left"]
    assert blocks("<p>The army</p><LI class='a'>left</li><b>at</b> noon") == ["The army", "left", "<b>at</b> noon"]


def test_what_is_marked_as_quoted_is_not_taken_for_the_beginning_of_a_line() -> None:
    text = "> Can you confirm that\n> nobody left?"
    assert blocks(text) == [text]


def test_a_line_that_breaks_off_goes_on_in_the_next() -> None:
    text = (
        "The Russian army said on Tuesday that its forces had taken the town of\n"
        "Avdiivka in eastern Ukraine after four months of heavy fighting."
    )
    assert blocks(text) == [text]
    assert blocks(f"Avdiivka falls\n\n{text}\n\nKyiv denied it.") == ["Avdiivka falls", text, "Kyiv denied it."]


@pytest.mark.parametrize(
    "lines",
    [
        ["ISIS bombs Mosul market", "al-Shabab kills 20 in Mogadishu", "al-Qaeda leader killed in Yemen"],
        ["Apple cuts forecast for China", "iPhone maker blames tariffs", "eBay quits Russia"],
        ["The talks have these aims", "a) an end of the war", "b) the return of hostages", "i. within a week"],
        [
            "Niger junta holds on as ECOWAS deadline runs out on Sunday",
            "Bangladesh opens second camp as Rohingya arrivals pass 400,000",
            "Berlin abstains, and Jerusalem feels it in the stomach",
            "Polish farmers block Medyka crossing over Ukrainian grain",
        ],
        [
            "- Niger junta holds on as deadline runs out",
            "- Rohingya arrivals pass 400,000 in camps",
            "- Berlin abstains",
        ],
        ["Bombs on Gaza again tonight", "NATO sleeps", "Shame on you"],
        ["See", "Gaza", "Iran falls"],
        ["State | Troops", "Iran | 3,000", "Iraq | 200"],
        ["Polish farmers block Medyka crossing over Ukrainian grain", "WARSAW - Farmers blocked a crossing."],
    ],
)
def test_no_sentence_crosses_the_lines_of_a_list(lines: list[str]) -> None:
    assert blocks("\n".join(lines)) == lines


@pytest.mark.parametrize("indent", ["    ", "\t"])
def test_an_indented_line_begins_a_paragraph_of_hard_wrapped_text(indent: str) -> None:
    first = (
        "The minister said on the evening of the second day that Prime\n"
        "Minister Ode had left the capital for the coast in a small boat\n"
        "with two of his aides."
    )
    second = "Nobody in the capital knew where she had gone, nor with which\nof her aides in tow."
    third = "The army stayed in its barracks on the following morning, and\nthe ministry's doors shut."
    text = f"{first}\n{indent}{second}\n{indent}{third}\n"
    assert blocks(text) == [first, second, third]


@pytest.mark.parametrize("before", ["", "A headline\n\n"])
def test_text_that_is_indented_as_a_whole_is_one_paragraph(before: str) -> None:
    text = (
        "The minister said on the evening of the second day that Prime\n"
        "   Minister Ode had left the capital for the coast in a small boat\n"
        "   with two of his aides."
    )
    assert blocks(f"{before}   {text}") == [*before.split("\n\n")[:-1], text]
