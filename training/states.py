"""States and their forms, from the countryinfo and pycountry libraries, written into a codebook.

Run it as ``frameline codebook states``. Each state takes one line between two marker comments of
``codebook.yaml``; forms that were added to such a line by hand stay.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pycountry
import yaml
from countryinfo import all_countries
from pydantic import ValidationError

from model.codebook import Actor, Codebook, Schema
from model.errors import CodebookError, FaultsError
from model.faults import describe_yaml
from model.yaml_text import read_yaml

BEGIN = "  # states: begin"
END = "  # states: end"
#: Uninhabited dependencies have no government to take a stance toward.
SMALLEST_POPULATION = 5_000
#: A state this many times larger takes a demonym for itself.
DWARFED = 20
FORMS = ("aliases", "capitals", "nationalities")
#: What states are called today that the libraries still list under another name, by id; the ids stay.
NAMES = {"swaziland": "Eswatini", "republic-of-macedonia": "North Macedonia"}
#: What the libraries give for a state and no news text calls it: halves of native names and translations of them,
#: somebody's first name ("Dominique") or surname ("Mann").
WRONG = frozenset(
    {"Mexicanos", "Portuguesa", "Prathet", "Lao", "Dominique", "City of Victoria", "Mann", "Viti"}
    | {"Nation of Brunei", "Wallis", "Swatini", "City of San Marino"}
)
#: The alphabet of phonetics; the schwa (ə) is a letter of Azerbaijani, too.
_PHONETIC = range(0x0250, 0x02B0)
_SCHWA = "\u0259"
Content = TypeVar("Content", bound=Schema)


class _Block(Schema):
    """What stands between the marker comments."""

    states: tuple[Actor, ...] | None


def library_states() -> list[Actor]:
    """The states and self-governing territories that the libraries know, one actor each.

    ``aliases`` are the other English or Latin-script names, ``capitals`` the seats of government and
    ``nationalities`` the demonyms. Bare country codes are left out: in running text they are words. So are
    pronunciations, names with an article and what stands in ``WRONG``; a demonym is no name ("Thai"). A dependency
    that shares its demonym with a far larger state ("French" for Réunion) does without it.
    """
    states: dict[str, Actor] = {}
    population: dict[str, int] = {}
    for country in all_countries():
        info = country.info()
        entry = pycountry.countries.get(alpha_2=info["ISO"]["alpha2"])
        people = info.get("population") or 0
        if entry is None or not info.get("capital") or not info.get("demonym") or people < SMALLEST_POPULATION:
            continue
        found, code = _actor(info, entry), entry.alpha_2
        states[code] = merge(states[code], found) if code in states else found
        population[code] = max(people, population.get(code, 0))
    largest: dict[str, int] = {}
    for code, state in states.items():
        for form in state.nationalities:
            largest[form] = max(population[code], largest.get(form, 0))
    for code, state in states.items():
        own = tuple(form for form in state.nationalities if population[code] * DWARFED > largest[form])
        states[code] = state.model_copy(update={"nationalities": own})
    return sorted(states.values(), key=lambda state: state.id)


def merge(kept: Actor, added: Actor) -> Actor:
    """``kept`` with the forms of ``added`` that it does not have yet, in a stable order."""
    forms = {}
    for field in FORMS:
        have: list[str] = list(getattr(kept, field))
        new = [*getattr(added, field), *([added.name] if field == "aliases" else ())]
        forms[field] = tuple(have + [form for form in new if form not in have and form != kept.name])
    return kept.model_copy(update=forms)


def write_states(path: Path) -> int:
    """Bring the states in the codebook at ``path`` up to date with the libraries; returns their number.

    Raises:
        CodebookError: the file is not UTF-8, lacks the two marker comments, is no YAML, or has keys twice or faulty
            fields; or it would have them with the states in it. Then it stays as it is.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CodebookError(f"{path}:{line}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    if END not in text.partition(BEGIN)[2]:
        raise CodebookError(f"{path}: the marker comments {BEGIN.strip()!r} and {END.strip()!r} are missing")
    head, rest = text.split(BEGIN, 1)
    first, block, tail = rest.split("\n", 1)[0], *rest.split("\n", 1)[1].split(END, 1)
    found = _read(path, "\n" * head.count("\n") + f"states:\n{block}", _Block).states or ()  # on the lines of the file
    kept = {actor.id: actor for actor in found}
    states = [merge(kept.pop(state.id), state) if state.id in kept else state for state in library_states()]
    states = sorted([*states, *kept.values()], key=lambda state: state.id)
    new = f"{head}{BEGIN}{first}\n{''.join(map(_line, states))}{END}{tail}"
    _read(path, new, Codebook)
    path.write_text(new, encoding="utf-8")
    return len(states)


def _read(path: Path, text: str, kind: type[Content]) -> Content:
    """The content of YAML that stands, or is to stand, at ``path``; a `CodebookError` names what is wrong with it."""
    try:
        return kind.model_validate(read_yaml(text, str(path)))
    except ValidationError as error:
        raise CodebookError("\n".join(describe_yaml(error, text, path))) from None
    except FaultsError as error:
        raise CodebookError(str(error)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CodebookError(f"{path}: not a YAML file: {error}") from None


def _actor(info: Mapping[str, Any], entry: object) -> Actor:
    listed = str(info["name"]).removeprefix("The ")
    identifier = _identifier(listed)
    name = NAMES.get(identifier, listed)
    native = _fold(str(info.get("nativeName") or ""))
    official = [getattr(entry, field, None) for field in ("name", "common_name", "official_name")]
    spellings = [spelling for spelling in _strings(info.get("altSpellings")) if _fold(spelling) != native]
    nationalities = _forms(re.split(r"[,/]| and ", str(info["demonym"])), leave_out=[name])
    return Actor(
        id=identifier,
        name=name,
        kind="state",
        aliases=_forms([listed, *spellings, *official], leave_out=[name, *nationalities]),
        capitals=_forms([str(info["capital"]).removesuffix(" D.C.")], leave_out=[name]),
        nationalities=nationalities,
    )


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _forms(candidates: Iterable[str | None], leave_out: Iterable[str]) -> tuple[str, ...]:
    refused = WRONG.union(leave_out)
    forms: dict[str, None] = {}
    for candidate in candidates:
        form = (candidate or "").strip()
        if form in refused or "," in form or form.lower().startswith("the "):
            continue
        if form and not _is_code(form) and _is_latin(form):
            forms[form] = None
    return tuple(forms)


def _is_code(form: str) -> bool:
    return len(form) <= 3 and form.isupper()


def _is_latin(form: str) -> bool:
    return all(
        "LATIN" in unicodedata.name(letter, "") and (ord(letter) not in _PHONETIC or letter == _SCHWA)
        for letter in form
        if letter.isalpha()
    )


def _fold(form: str) -> str:
    return unicodedata.normalize("NFKD", form).encode("ascii", "ignore").decode().lower()


def _identifier(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", _fold(name.replace("'", ""))).strip("-")


def _line(state: Actor) -> str:
    content = {field: value for field, value in state.model_dump(mode="json").items() if value}
    flow = yaml.safe_dump(content, default_flow_style=True, sort_keys=False, width=100_000, allow_unicode=True)
    return f"  - {flow.strip()}\n"
