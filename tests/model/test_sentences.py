from textwrap import fill

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.place import Place
from model.sentences import join_across, split


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He went. She stayed.", ["He went.", "She stayed."]),
        ("Mr. Voss met Gen. Ode at 5 p.m. on Monday.", ["Mr. Voss met Gen. Ode at 5 p.m. on Monday."]),
        ("J. K. Ode of the U.S. Army spoke.", ["J. K. Ode of the U.S. Army spoke."]),
        ('"Stop!" she cried. They did.', ['"Stop!" she cried.', "They did."]),
        ("He paused... “And you?” she asked.", ["He paused...", "“And you?” she asked."]),
        ("“Twice. No more.” Then he left.", ["“Twice. No more.”", "Then he left."]),
        ("Town falls\n\nThe army left.", ["Town falls", "The army left."]),
        ("Town falls after siege\nThe army left.", ["Town falls after siege", "The army left."]),
        ("One.\r\nTwo.\r\n\r\n Three ", ["One.", "Two.", "Three"]),
        ("the army\nwent home", ["the army\nwent home"]),
        ("مرحبا بالعالم. كيف حالك؟ نعم.", ["مرحبا بالعالم.", "كيف حالك؟", "نعم."]),
        ("Gone 😀! Ça va\u0301?", ["Gone 😀!", "Ça va\u0301?"]),
        ("a\x00b. C d.", ["a\x00b.", "C d."]),
        ("<p>One</p> <b>two</b>.", ["One", "<b>two</b>."]),
        (
            '<ul class="a"><LI>Iran denied it</LI><li>Israel &amp; the U.S. cheered</li></ul><br/>China <i>did</i>.',
            ["Iran denied it", "Israel &amp; the U.S. cheered", "China <i>did</i>."],
        ),
        ("Mara Voss R-Wis. did not answer. She left.", ["Mara Voss R-Wis. did not answer.", "She left."]),
        ("", []),
        (" \n\t\r\n ", []),
    ],
)
def test_splits(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "It met at 5 p.m. Tuesday.",
        "It met at 10 A.M. Wednesday, Jan. 5.",
        "It met at 5 a.m. July 4.",
        "It met from 5 p.m. 30 June.",
        "On Monday Def. Min. Ode met Cdre. Voss, Dir. Hall and Sub-Lt. Poe.",
        'He paused ... "and then they shot him," she said.',
        "The talks were, he said… “over, all of them.”",
        "It ended. . . ‘in tears’ and blood.",
        "It met at 5 p.m. EST on Monday.",
        "It met at 5 p.m. GMT.",
        "It met at 8 p.m. Eastern.",
        "It met at 10 a.m. Beijing time.",
        "It met on Tues. Jan. 5.",
        "Vice-Adm. Li spoke.",
        "Lt.-Gen. Park and (Rear-Adm. Ode) spoke.",
        "Brig. Gen. Ode met Atty. Gen. Li, Amb. Voss and Spc. Park.",
        "The rapporteur, Ms. Voss, met Messrs. Ode and Li of Sto. Tomas and Govs. Li and Ode at Ft. Hood.",
        "Sen. Li, R-S.C., met Rep. Ode, D-Mass., and Gov. Voss.",
        "They sent 400 troops incl. Czechs and approx. 500 others from Kastellorizo, pop. 492, under Ch. 7.",
        "They found 200 lbs. of explosive.",
        "The U.S. Army told the U.N. Security Council on Jan. 5 of Resolution No. 1701 and flight no. MH17.",
        "The No. Two of St. Petersburg met the No. 2 of Acme Inc. and George H.W. Bush, e.g. Israel vs. Hamas.",
        "No. 2 left.",
        "He said “no. Hamas left” and slept.",
        "He waited … for nothing.",
        "1. The army left.",
        "Q. Did the army leave?",
        "“Where is NATO?” Ukraine's foreign minister asked.",
        '"Is this war?" Zelensky asked.',
        '"Who is to blame?" President Biden told reporters.',
        "'Why now?' Mr Lavrov said.",
        '"We will win!" Netanyahu told the Knesset.',
        '"Stop the war!" Representative Barbara Lee said in Washington on Tuesday.',
        '"No. NATO is not a party," he said.',
        "“Is it ‘war?’” Zelensky asked.",
        "It fell 2 pct. to $3 bn. after 5 hrs. of talks at est. cost.",
        "Sanctions hit Gazprom, Rosneft, etc. and more.",
        "Hans-J. Müller met K.-H. Schmidt.",
        "Jean-M. Le Pen and J.-P. Sartre spoke.",
        "“Where is NATO?” President Volodymyr Zelensky asked reporters.",
        "“Where is NATO?” Zelensky asked him.",
        "They told the U.N. Israel had agreed.",
        "He works at the U.N. Israel desk and wrote of the U.S. China policy.",
        "The bill was passed by the U.S. Senate on Monday.",
        "“Where is NATO?” Zelensky asked the Security Council in New York.",
        "“Where is NATO?” Zelensky told parliament.",
        "He said… well, nothing.",
        "He waited … Biden did not.",
        "“They seized Bakhmut… Then they stopped,” she wrote.",
        "“They seized Bakhmut…” President Zelensky said.",
        "“He said ‘no.’ Moscow protested,” she wrote.",
        "Flight No. Two left.",
        ".@NATO must act NOW!!!",
        "Key moments: 1. Ceasefire announced.",
        "Dep. Sec. Sherman and Abp. Tutu met the Revd. Dr. King.",
        "They cited UN Doc. S/RES/2728.",
        "PM. Netanyahu left.",
        "They met the reporter J.D. Vance's biographer.",
        "They cited Art.5 The Hague.",
    ],
)
def test_a_full_stop_after_an_abbreviation_is_no_end(sentence: str) -> None:
    assert sentences(f"{sentence} They left.") == [sentence, "They left."]
    assert sentences(f"They left. {sentence}") == ["They left.", sentence]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("They left at 5 p.m.", "Israel then struck."),
        ("They left at 5 p.m.", "Sunday's vote was off."),
        ("They left at 5 p.m.", "May was told."),
        ("Israel said no.", "Hamas left."),
        ("No.", "Hamas left."),
        ("It was put to Theresa May.", "Israel left."),
        ("Others fell ill.", "They left."),
        ("He lost in World War I.", "Israel was not there."),
        ("(They had no bread.)", "Hamas left."),
        ("He went to Washington, D.C.", "They left."),
        ("He works for Acme Inc.", "The firm makes tanks."),
        ("They waited...", "They left."),
        ("“We left.”", "“You did.”"),
        ('"Is this war?"', "Zelensky left the room."),
        ('"Is this war?"', "Zelensky said that he would leave."),
        ('"Is this war?"', "Zelensky said he would leave."),
        ('"Is this war?"', "Biden told reporters on Monday that it was."),
        ("Scholz: No.", "NATO is not at war."),
        ("He said no.", "(He later resigned.)"),
        ("[Hamas did not.]", "Egypt was angry."),
        ("It began in October.1", "The U.S. supplied bombs.2"),
        ("NATO left.³", "The U.S. did not.[4]"),
        ("They left.*", "The “war.”12"),
        ("They waited. ...", "They left."),
        ("\"Russia is 'not winning.'\"", "He left."),
        ("He called it “a ‘disgrace.’”", "Then he left."),
        ("“I said ‘no.’”", "“Moscow protested.”"),
        ("‘I said “no.”’", "Moscow protested."),
        ("“Is it ‘war?’”", "Zelensky left the room."),
        ("israel left.", "hamas stayed."),
        ("It fell 2 pct.", "They left."),
        ("Sanctions hit Gazprom, Rosneft, etc.", "Moscow shrugged."),
        ("They charge it by Type-C.", "They like it."),
        ("They flew the F-A-B.", "Israel left."),
        ('"Is this war?"', "Zelensky asked reporters to leave."),
        ('"Is this war?"', "Zelensky told reporters to leave."),
        ('"Is this war?"', "Zelensky asked NATO for jets."),
        ('"Is this war?"', "Zelensky asked to leave."),
        ("“Why now?”", "He asks to be heard."),
        ("The draft failed at the U.N.", "Israel rejected it."),
        ("He is wanted in the U.S.", "Russia has let him go."),
        ("It was signed in Washington, D.C.", "North Korea kept none of it."),
        ("The army seized Bakhmut…", "Then it stopped."),
        ("The army seized Bakhmut…", "“Then it stopped.”"),
        ("“They seized Bakhmut…”", "Then it stopped."),
    ],
)
def test_a_full_stop_that_ends_a_sentence_is_an_end(first: str, second: str) -> None:
    assert sentences(f"{first} {second}") == [first, second]


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u202f", "\u3000", "\u1680"])
@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_white_space_of_several_bytes_before_a_full_stop_is_no_end_of_the_program(space: str, language: str) -> None:
    text = f"The U.S{space}. had a plan B{space}. Then it left."
    places = list(split(text, language))
    assert "".join("".join(text[start:end].split()) for start, end in places) == "".join(text.split())
    assert places[-1].end == len(text)


def test_joins_the_lines_of_hard_wrapped_text() -> None:
    text = (
        "The minister said on the evening of the second day that Prime\n"
        "Minister Ode had left the capital for the coast in a small boat\n"
        "with two of his aides. Nobody knew where to."
    )
    expected = [text[: text.index(" Nobody")], "Nobody knew where to."]
    assert sentences(text) == expected
    assert sentences(f"\n{text}\n") == expected


@pytest.mark.parametrize("width", [40, 60, 72, 80, 100, 120])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_wrapped_text_is_split_as_it_was_before(width: int, newline: str) -> None:
    paragraphs = [
        "The Russian army said on Tuesday that its forces had taken the town of Avdiivka in eastern Ukraine after four "
        "months of heavy fighting. Kyiv did not say so, but President Zelensky told the U.S. Congress in Washington "
        "that his troops would have to withdraw from there to save lives.",
        "General Oleksandr Syrskyi, who commands Ukraine's armed forces, ordered the retreat.",
        "The White House blamed the House of Representatives, where Speaker Mike Johnson has held up aid for months.",
    ]
    wrapped = newline.join(["Avdiivka falls", "", *"\n\n".join(fill(part, width) for part in paragraphs).split("\n")])
    expected = ["Avdiivka falls", *sentences("\n\n".join(paragraphs))]
    assert [" ".join(sentence.split()) for sentence in sentences(wrapped)] == expected


def test_a_sentence_crosses_the_lines_of_a_quoted_e_mail() -> None:
    text = "> We asked your office on Tuesday. Can you confirm\n> that Israel did not?"
    assert sentences(text) == ["> We asked your office on Tuesday.", "Can you confirm\n> that Israel did not?"]


@pytest.mark.parametrize("line", ["...", "___", "* * *", "?", '")', "|---|---|", "🔥🔥"])
def test_a_line_without_letters_and_digits_is_no_sentence(line: str) -> None:
    assert sentences(line) == []
    assert sentences(f"They left.\n{line}\nNobody spoke.\n\n{line}") == ["They left.", "Nobody spoke."]


def test_an_aside_between_sentences_is_one() -> None:
    text = "The minister (a former general) said no. (He later resigned.) Iran welcomed it."
    expected = ["The minister (a former general) said no.", "(He later resigned.)", "Iran welcomed it."]
    assert sentences(text) == expected


def test_the_time_of_splitting_does_not_grow_with_the_square_of_blank_space() -> None:
    assert sentences("\n".join(["A town." + " " * 50_000] * 40)) == ["A town."] * 40


def test_text_without_sentence_ends_is_cut_between_words() -> None:
    text = "wordless " * 30_000
    parts = sentences(text)
    assert " ".join(parts) == text.strip()
    assert all(part.endswith("wordless") for part in parts)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_sentences_cover_all_letters_and_digits(text: str) -> None:
    end = 0
    for place in split(text):
        assert not any(map(str.isalnum, text[end : place.start]))
        assert place.start < place.end
        sentence = text[place.start : place.end]
        assert sentence == sentence.strip()
        assert any(map(str.isalnum, sentence))
        end = place.end
    assert not any(map(str.isalnum, text[end:]))


def test_a_sentence_of_50_000_characters_stays_whole() -> None:
    text = "word " * 9_999 + "last."
    assert sentences(text) == [text]


def test_a_long_block_is_split_as_its_parts_are() -> None:
    assert sentences("He went home. She did not. " * 2_000) == ["He went home.", "She did not."] * 2_000


def test_a_mention_that_spans_two_sentences_joins_them() -> None:
    text = "It was Sen. Voss. He left. Nobody spoke."
    places = [Place(0, 11), Place(12, 17), Place(18, 26), Place(27, 40)]
    joined = join_across(text, places, ["Sen. Voss", "He"])
    assert [text[start:end] for start, end in joined] == ["It was Sen. Voss.", "He left.", "Nobody spoke."]


def test_a_mention_in_no_sentence_becomes_one() -> None:
    text = "They left.\n* * *\nNobody spoke."
    joined = join_across(text, split(text), ["* *"])
    assert [text[start:end] for start, end in joined] == ["They left.", "* *", "Nobody spoke."]
