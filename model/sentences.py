"""Sentences of a text with their exact offsets."""

import re
from collections.abc import Iterable, Iterator

from sentencex import get_sentence_boundaries

from model.blocks import find_blocks
from model.place import Place, strip
from model.text import LETTER, find_mention

#: A full stop and the mark of a footnote after it: "in October.1", "in the U.S.[4]", but not "Art.5 of"
_NOTE_AFTER_WORD = (
    r"(?<=[a-z]{2}.|[A-Z]{2}.)(?<!\b(?:[A-Z][a-z]{2}|art|fig|vol).)(?<!\bSept.)(?<!\b[Nn]o.)[\"'”’)]?(?=\d)"
)
_NOTE = re.compile(
    rf"([.!?](?!\s)(?:{_NOTE_AFTER_WORD}|[\"'”’)]?(?=[²³¹⁰-⁹[*])))(\d{{1,2}}|[²³¹⁰-⁹]+|\[\d{{1,3}}\]|\*{{1,3}})(?=\s|$)"
)
#: After an initial, sentencex 1.0.32 panics where white space takes more than one byte.
_WIDE_SPACE = re.compile(r"[^\S\x00-\x7f]")
#: Before a word in lower case these are abbreviations; any short word would be too many, as posts are in lower case.
_ABBREVIATION = re.compile(
    r"\b(?:[A-Z][a-z]{0,5}|lbs?|pct|km|kg|hrs?|yrs?|mins?|secs?|bn|mn|tn|mln|bln|govt|dept|est|approx|incl|dist|prov)\.$"
)
_MONTH = (
    r"(?:Jan(?:uary|\.)|Feb(?:ruary|\.)|Mar(?:ch|\.)|Apr(?:il|\.)|May|June|July|Aug(?:ust|\.)|Sept(?:ember|\.)"
    r"|Oct(?:ober|\.)|Nov(?:ember|\.)|Dec(?:ember|\.))\s\d"
)
_TIME = re.compile(
    rf"\d|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b(?!['’]s)|{_MONTH}|(?:[A-Z][\w-]+\s){{1,3}}[Tt]ime\b"
    r"|Eastern[.,;]|(?:[ECMP][SD]?T|GMT|UTC|BST|IST|CES?T|EES?T|MSK|HKT|JST|KST|PKT|AES?T|AEDT)\b"
)
_NUMERAL = re.compile(r"(?:One|Two|Three|Four|Five|Six|Seven|Eight|Nine|Ten)\b")
#: Abbreviations after which the library cuts, and what must follow for the sentence to go on.
_GOES_ON = {
    word: after
    for words, after in {
        "a.m. p.m. A.M. P.M.": _TIME,
        "Mon. Tue. Tues. Wed. Thu. Thurs. Fri. Sat. Sun.": re.compile(_MONTH),
        "Arts. arts. Ch. Est. est. Para. para. Pop. pop. Tel. Vol. vol.": re.compile(r"\d"),
        "No.": _NUMERAL,
        "Doc.": re.compile(r"[A-Z]+/"),
        "Abp. Ald. Amb. Atty. Cdr. Cdre. Cllr. Cols. Cpt. Def. Dep. Dir. Flt. Gens. Govs. J.D. Lieut. Messrs. Ms. "
        "Ofc. Pte. Revd. Revs. Secy. Spc. Sqn. Sra. -Adm. -Cmdr. -Col. -Gen. -Gov. -Lt. -Maj. -Sgt. "
        "Approx. approx. Ft. incl. Sta. Ste. Sto.": re.compile(""),
    }.items()
    for word in words.split()
}
#: "1." of a list, "Q." of an interview, "PM." before a name
_MARKER = re.compile(r"(?:^(?:\d{1,3}|[A-Z]|PM)|:\s+1)\.$")
#: An initial behind a hyphen ("Hans-J. Müller", "J.-P. Sartre"), and words before which it is none ("Type-C. They")
_JOINED_INITIAL = re.compile(r"(?:^|[^\w-])(?:[A-Z]\.?|[A-Z][a-z]+)-[A-Z]\.$")
_OPENER = re.compile(r"(?:The|An?|He|She|It|They|We|I|You|This|That|These|But|And|In|On|At|Then)\b")
_QUESTION = re.compile(r"[?!…][\"'”’»]{1,2}$")
#: Where an ellipsis within a sentence stands before a quotation ('He paused ... "and left"')
_PAUSE, _QUOTED = re.compile(r"(?:\.\s?\.|…)$"), re.compile(r"[\"'“‘]+[a-z]")
_SUBJECT = r"[A-Z][\w.'’-]*(?:\s[\w.'’-]+){0,4}?"
_SAYING = r"(?:said|says|(?:asked|asks)(?!\sto\b)|added|wrote|tweeted|replied|answered|shouted|cried|declared|wondered)"
_TELLING = (
    r"(?:told|tells|asked|asks)\s(?:(?:the|an?|his|her)\s(?:[\w'’-]+\s)?)?[\w'’-]+(?:\s[A-Z][\w'’-]*){0,3}(?!\sto\b)"
)
_CIRCUMSTANCE = r"(?:in|on|at|to|of|during|after|before|as|when|while|last|this|yesterday|later|\w+day)\b"
#: Who spoke the quotation before; "Zelensky said that he would" is a sentence of its own.
_ATTRIBUTION = re.compile(rf"{_SUBJECT}\s(?:{_SAYING}|{_TELLING})(?:[.,;:]|\s{_CIRCUMSTANCE}(?!.*\bthat\b))")
#: "at the U.N.", and a state that begins a sentence behind it: "Israel denied"; but "at the U.S. Senate", "the U.S.
#: China policy", "told the U.N. Israel would"
_PLACE_ABBREVIATED = re.compile(r"(?:\b(?:at|by|for|from|in|of|to|with)\s(?:the\s)?(?:[A-Z]\.){2}|, D\.C\.)$")
_STATE_ACTS = re.compile(
    r"\s+(?:Afghanistan|Argentina|Armenia|Australia|Azerbaijan|Belarus|Brazil|Britain|Canada|China|Colombia|Cuba|Egypt"
    r"|Ethiopia|France|Georgia|Germany|Greece|Hungary|India|Indonesia|Iran|Iraq|Israel|Italy|Japan|Jordan|Kuwait"
    r"|Lebanon|Libya|Mexico|Myanmar|Nigeria|North Korea|Pakistan|Poland|Qatar|Russia|Saudi Arabia|Serbia|Somalia"
    r"|South (?:Africa|Korea|Sudan)|Spain|Sudan|Sweden|Syria|Taiwan|Turkey|Ukraine|Venezuela|Vietnam|Yemen)"
    r"\s(?:also|is|was|has|had|will|would|can(?:not)?|could|may|might|must|should|did|does|said|says|told|wants|made|took|gave|sent|went|came|kept"
    r"|left|lost|won|met|began|struck|hit|saw|[a-z]{2,}ed)\b"
)
#: Words that the library takes for abbreviations wherever they stand ("no. 5", "ill. 5"), so that it never cuts there.
_WORDS = {"art.", "etc.", "fed.", "Fed.", "ill.", "may.", "May.", "me.", "miss.", "no.", "ok.", "OK."}
_OPENING = "\"'“‘([—-"
#: What stands before "No." where it is an answer
_BEFORE_ANSWER = re.compile(r"(?:^|[:—–-]\s+)$")
_CAPITALISED = re.compile(r"[A-Z][A-Za-z'’-]*(?![\w/])")
_AT_START = rf"\s+(?={_CAPITALISED.pattern})"
_ASIDE = r"[^()\[\]\s]+\s[^()\[\]]*[.!?]"
#: The end of a quotation within another one, whose two signs hide the full stop from the library
_NESTED = r"[.!?…](?:['’][\"”]|[\"”]['’])\s+(?=[\"“]?[A-Z])"
#: An ellipsis in one character, which never ends a sentence for the library
_ELLIPSIS = r"(?<=\w)…[\"'”’)]*\s+(?=[\"“]?[A-Z])"
#: A full stop, an ellipsis, the end of a nested quotation, or an aside of several words that ends with a full stop
_STOP = re.compile(
    rf"{_NESTED}|{_ELLIPSIS}|\.{_AT_START}|\({_ASIDE}\)(?:{_AT_START}|\s*$)|\[{_ASIDE}\](?:{_AT_START}|\s*$)"
)
#: What stands before an aside that is no part of a sentence
_ENDED = re.compile(r"(?:^|[.!?…][\"'”’»)\]]*\s+)$")
#: Characters of one block that are searched for sentence ends at a time, at first and at most.
_STRETCH, _LONGEST = 10_000, 80_000
#: Quotation marks, of which sentencex follows each that is never closed to the end of what it sees.
_QUOTATION = re.compile("[\"'“”„‟«»‹›‘’‚‛「」『』《》]")
#: A stretch with more of them is not searched further.
_MOST_QUOTATION = 1_000


def split(text: str, language: str = "en") -> Iterator[Place]:
    """Yield the sentences of ``text`` in order, without the white space around them.

    A blank line always ends a sentence, and so does a tag of HTML that ends a paragraph, an item or a cell; a line
    break does (headlines, posts, lists) unless the text is hard-wrapped, the line breaks off or the next one goes on
    in lower case. A line that is indented deeper than the one before it begins a paragraph. Within lines the sentencex
    library decides. What has no letter or digit is part of a sentence on its line, if there is one.
    """
    for start, end in find_blocks(text):
        waiting: Place | None = None
        places = _sentences(text, start, end, language)
        for place in _parts(text, places) if language == "en" else places:
            sentence = strip(text, *place)
            if sentence.start == sentence.end:
                continue
            if waiting is not None and _goes_on(text, waiting, sentence):
                sentence = Place(waiting.start, sentence.end)
            elif waiting is not None:
                yield waiting
            waiting = sentence
        if waiting is not None and LETTER.search(text, *waiting):
            yield waiting


def join_across(text: str, places: Iterable[Place], mentions: Iterable[str]) -> list[Place]:
    """Join neighbouring sentences where a mention that the caller gave would otherwise be cut in two.

    One that stands in none, as it has no letter or digit, becomes a sentence.
    """
    joined = list(places)
    for mention in mentions:
        if any(mention in text[place.start : place.end] for place in joined):
            continue
        start = max(find_mention(text, mention), text.find(mention))
        end = start + len(mention)
        touched = [place for place in joined if place.start < end and place.end > start]
        whole = Place(min([start, *(place.start for place in touched)]), max([end, *(place.end for place in touched)]))
        joined = sorted([whole, *(place for place in joined if place.start >= end or place.end <= start)])
    return joined


def _sentences(text: str, start: int, end: int, language: str) -> Iterator[Place]:
    """Yield the sentences of one block, which the library sees in stretches, since its time grows with the square."""
    size = _STRETCH
    while start < end:
        stop = min(end, start + size)
        stretch = _NOTE.sub(lambda note: note[2] + note[1], text[start:stop])
        if not stretch.isascii():
            stretch = _WIDE_SPACE.sub(" ", stretch)
        lengths = [len(boundary["text"]) for boundary in get_sentence_boundaries(language, stretch)]
        if stop < end and len(lengths) == 1:
            if size < _LONGEST and len(_QUOTATION.findall(stretch)) <= _MOST_QUOTATION:
                size *= 2
                continue
            lengths = [text.rfind(" ", start, stop) + 1 - start]
            if lengths[0] <= 0:
                lengths = [stop - start]
        for length in lengths if stop == end or len(lengths) == 1 else lengths[:-1]:
            yield Place(start, start + length)
            start += length
        size = _STRETCH


def _parts(text: str, sentences: Iterable[Place]) -> Iterator[Place]:
    """Yield English ``sentences``, cut where one ends that the library sees going on, but never within a quotation."""
    for start, end in sentences:
        seen, quotes, depth = start, 0, 0
        for stop in _STOP.finditer(text, start, end):
            before = text[seen : stop.end()]
            quotes += before.count('"')
            depth += before.count("“") + before.count("(") - before.count("”") - before.count(")")
            seen = stop.end()
            if quotes % 2 or depth > 0:
                continue
            if stop[0][0] in "([":
                if _ENDED.search(text[max(start, stop.start() - 10) : stop.start()]):
                    yield Place(start, stop.start())
                    yield Place(stop.start(), seen)
                    start = seen
            elif stop[0].rstrip() != "." or _ends(text, start, stop.start() + 1):
                yield Place(start, seen)
                start = seen
        yield Place(start, end)


def _ends(text: str, start: int, stop: int) -> bool:
    """Whether a sentence ends with the word before ``stop`` that the library takes for an abbreviation."""
    word = _last_word(text, start, stop).lstrip(_OPENING)
    if word == "No.":
        return (
            _BEFORE_ANSWER.search(text[max(start, stop - 10) : stop - 3]) is not None
            and _NUMERAL.match(text, stop + 1) is None
        )
    if word in _WORDS or text.endswith("War I.", start, stop):
        return True
    return (
        text[stop - 3 : stop - 2] == "."
        and _STATE_ACTS.match(text, stop) is not None
        and _PLACE_ABBREVIATED.search(text[max(start, stop - 20) : stop]) is not None
    )


def _goes_on(text: str, sentence: Place, following: Place) -> bool:
    """Whether two sentences are one: the full stop was that of an abbreviation ("R-Wis. did not answer"), say."""
    if not LETTER.search(text, max(sentence.start, sentence.end - 1_000), sentence.end):
        return True
    if not LETTER.search(text, *following):
        return not text[following.end : following.end + 1].strip()
    end = text[max(sentence.start, sentence.end - 3) : sentence.end]
    if _QUESTION.search(end) and _ATTRIBUTION.match(text, *following):
        return True
    if _PAUSE.search(end) and _QUOTED.match(text, following.start):
        return True
    word = _last_word(text, *sentence)
    if text[following.start].islower() and _ABBREVIATION.search(word):
        return True
    if _JOINED_INITIAL.search(word) and not _OPENER.match(text, following.start):
        return True
    after = _GOES_ON.get(word[max(0, word.rfind("-")) :].lstrip(_OPENING[:-2]))
    if after is not None:
        return after.match(text, following.start) is not None
    return _MARKER.search(text[max(sentence.start, sentence.end - 10) : sentence.end]) is not None or (
        sentence.end == following.start and text[following.start + 1 : following.start + 2] == "."  # R-S.C.
    )


def _last_word(text: str, start: int, end: int) -> str:
    """The last characters before a full stop, with it, as far as an abbreviation may reach."""
    return text[max(start, end - 10) : end].split()[-1]
