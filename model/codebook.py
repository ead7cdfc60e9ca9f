"""The labelling schema: frames, stances and known actors, read from ``codebook.yaml``."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from model.errors import CodebookError, FaultsError
from model.faults import describe_yaml
from model.text import folded
from model.yaml_text import find_lines, read_yaml, write_yaml

Kind = Literal["state", "organisation", "armed group", "person"]
#: How many frames a sentence has: any number, none or one, or always one.
FrameChoice = Literal["any", "at_most_one", "exactly_one"]
#: Columns of the tables of a scored archive, beside those of its frames.
TABLE_COLUMNS = ("sentence_id", "document", "position", "start", "end", "text")
Identifier = Field(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$")


def _check_form(form: str) -> str:
    if not form.strip():
        raise PydanticCustomError("blank", "blank; give words as they stand in texts, or strike it")
    return form


#: Words that are looked for in texts.
Form = Annotated[str, AfterValidator(_check_form)]


class Schema(BaseModel):
    """A frozen model that rejects unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Example(Schema):
    """A sentence of our own that carries a frame, or just misses it."""

    text: str
    label: bool


class Frame(Schema):
    """One frame: what it means, what to code and what not."""

    id: str = Identifier
    name: str
    definition: str
    code: tuple[str, ...] = ()
    do_not_code: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()


class Stance(Schema):
    """One stance toward an actor."""

    id: str = Identifier
    name: str
    definition: str


class Actor(Schema):
    """A known political actor and the forms by which news texts name it.

    ``capitals`` and ``nationalities`` stand for the government of a state; ``affiliation`` is the id
    of the actor to which this one belongs.
    """

    id: str = Identifier
    name: Form
    kind: Kind
    aliases: tuple[Form, ...] = ()
    capitals: tuple[Form, ...] = ()
    nationalities: tuple[Form, ...] = ()
    affiliation: str | None = None

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form, the name first."""
        return (self.name, *self.aliases, *self.capitals, *self.nationalities)


class Homonym(Schema):
    """A form that names ``actor`` in one sentence and something else in another ("Georgia", "Jordan").

    ``signs`` are words or phrases of a sentence that speak for the actor, ``other_signs`` for something else.
    One that holds the form itself ("Washington Post") decides where it stands and nowhere else. The forms of
    the actors in ``mute``, and of those who belong to them, say nothing. ``usual`` says what the form means where
    a sentence says nothing: the actor, or nobody knows.
    """

    form: str
    actor: str
    signs: tuple[str, ...] = ()
    other_signs: tuple[str, ...] = ()
    mute: tuple[str, ...] = ()
    usual: bool = False


class Codebook(Schema):
    """A whole labelling schema; the order of frames and stances is the order of a model's outputs.

    ``frames_per_sentence`` says whether frames exclude each other: a model of such a codebook gives each sentence
    the likeliest frame alone, and its probabilities add up to 1 (with that of no frame, where there may be none).
    ``unit`` says what is labelled and how it is read. ``other_names`` hold a form of an actor and mean somebody or
    something else ("New Jersey", "Mrs. Obama").
    """

    name: str = Identifier
    version: str
    language: Annotated[str, AfterValidator(str.lower)] = "en"
    frames_per_sentence: FrameChoice = "any"
    unit: str = ""
    frames: tuple[Frame, ...] = Field(min_length=1)
    stances: tuple[Stance, ...] = Field(min_length=2)
    actor_definition: str = ""
    government_words: tuple[Form, ...] = ()
    fighter_words: tuple[Form, ...] = ()
    titles: tuple[Form, ...] = ()
    actors: tuple[Actor, ...] = ()
    homonyms: tuple[Homonym, ...] = ()
    other_names: tuple[Form, ...] = ()

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        faults = [
            f"{what}: the id {name!r} occurs {count} times, give each its own"
            for what, items in (("frames", self.frames), ("stances", self.stances), ("actors", self.actors))
            for name, count in Counter(item.id for item in items).items()
            if count > 1
        ]
        known = {actor.id for actor in self.actors}
        faults += [
            f"actors: {actor.id!r} is affiliated with {actor.affiliation!r}, which is not among the actors"
            for actor in self.actors
            if actor.affiliation is not None and actor.affiliation not in known
        ]
        if self.frames_per_sentence == "exactly_one" and len(self.frames) < 2:
            faults.append("frames: where each sentence has exactly one frame, two are needed to choose from")
        faults += _homonym_faults(self.homonyms, {actor.id: actor for actor in self.actors})
        forms = {form: actor.id for actor in self.actors for form in actor.forms}
        faults += [
            f"other_names: {name!r} is a form of the actor {forms[name]!r}; strike it from one of the two"
            for name in self.other_names
            if name in forms
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a codebook from a YAML file.

        Raises:
            CodebookError: the file is missing, is no YAML, has keys twice or faulty fields (all of them are named).
        """
        try:
            text = path.read_bytes()
            content = read_yaml(text.decode(), str(path))
        except OSError as error:
            raise CodebookError(f"{path}: cannot read the codebook: {error.strerror}") from None
        except UnicodeDecodeError as error:
            line = text[: error.start].count(b"\n") + 1
            raise CodebookError(f"{path}:{line}: not UTF-8 at byte {error.start}; convert the file to UTF-8") from None
        except FaultsError as error:
            raise CodebookError(str(error)) from None
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise CodebookError(f"{path}: not a YAML file: {error}") from None
        try:
            codebook = cls.model_validate(content)
        except ValidationError as error:
            raise CodebookError("\n".join(describe_yaml(error, text.decode(), path))) from None
        if not codebook.version.strip():
            (line,) = find_lines(text.decode(), [["version"]])
            raise CodebookError(f'{path}:{line}: version: blank; give one, such as "1.0"')
        return codebook

    def clashing_columns(self) -> list[str]:
        """Ids of frames by which columns of a scored archive's tables would be called like others of them."""
        columns = {*TABLE_COLUMNS, *(f"{frame}_probability" for frame in self.frame_ids)}
        return [frame for frame in self.frame_ids if frame in columns]

    def to_yaml(self) -> str:
        """The text of a file from which `load` reads the same codebook."""
        return write_yaml(self.model_dump(mode="json", exclude_defaults=True))

    @property
    def frame_ids(self) -> tuple[str, ...]:
        """Frame ids in the order of the model's frame logits."""
        return tuple(frame.id for frame in self.frames)

    @property
    def stance_ids(self) -> tuple[str, ...]:
        """Stance ids in the order of the model's stance logits."""
        return tuple(stance.id for stance in self.stances)

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the whole codebook, independent of the file's layout.

        A codebook without unit, homonyms, other names or words for fighters, or with any number of frames a sentence,
        keeps the one that it had before there was a choice.
        """
        absent = {
            "unit": not self.unit,
            "homonyms": not self.homonyms,
            "other_names": not self.other_names,
            "fighter_words": not self.fighter_words,
            "frames_per_sentence": self.frames_per_sentence == "any",
        }
        content = self.model_dump(exclude={field for field, default in absent.items() if default})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def label(self) -> str:
        """Name, version and the head of the fingerprint, to be shown with every answer."""
        return f"{self.name}-{self.version}+{self.fingerprint[:12]}"

    def check_labels(self, trained: "Codebook") -> None:
        """Check that a model trained on ``trained`` can label under this codebook.

        Actors, names, definitions and examples may differ; the ids of frames and stances may not.

        Raises:
            CodebookError: which ids differ, and the remedy.
        """
        differences = [
            difference
            for what, ours, theirs in (
                ("frame", self.frame_ids, trained.frame_ids),
                ("stance", self.stance_ids, trained.stance_ids),
            )
            for difference in _differences(what, ours, theirs)
        ]
        if self.frames_per_sentence != trained.frames_per_sentence:
            differences.append(
                f"frames_per_sentence is {self.frames_per_sentence!r}, that of the checkpoint is "
                f"{trained.frames_per_sentence!r}"
            )
        if differences:
            raise CodebookError(
                f"the codebook {self.label} does not fit the checkpoint, which was trained on {trained.label}: "
                + "; ".join(differences)
                + ". Train a model on this codebook (`frameline train`), or use the checkpoint's own."
            )


def _homonym_faults(homonyms: Iterable[Homonym], actors: Mapping[str, Actor]) -> list[str]:
    """What is wrong with ``homonyms``, each fault with the remedy."""
    homonyms = list(homonyms)
    counts = Counter(folded(homonym.form) for homonym in homonyms)
    faults = [
        f"homonyms: the form {form!r} occurs {counts[folded(form)]} times (by its words, whatever their case), "
        "give each form one entry"
        for form in {folded(homonym.form): homonym.form for homonym in homonyms}.values()
        if counts[folded(form)] > 1
    ]
    for homonym in homonyms:
        place = f"homonyms: {homonym.form!r}"
        if homonym.actor not in actors:
            faults.append(f"{place} names the actor {homonym.actor!r}, which is not among the actors")
        elif homonym.form not in (forms := actors[homonym.actor].forms):
            faults.append(f"{place} is not a form of {homonym.actor!r}, whose forms are {', '.join(forms)}")
        faults += [
            f"{place} mutes {name!r}, which is not among the actors" for name in homonym.mute if name not in actors
        ]
        faults += [
            f"{place} has the sign {sign!r} on both sides, strike it from one"
            for sign in homonym.signs
            if sign in homonym.other_signs
        ]
        faults += [f"{place} has an empty sign" for sign in (*homonym.signs, *homonym.other_signs) if not sign.strip()]
    return faults


def _differences(what: str, ours: Iterable[str], theirs: Iterable[str]) -> list[str]:
    ours, theirs = list(ours), list(theirs)
    if ours == theirs:
        return []
    added = [f"the {what} {name!r} is not in the checkpoint" for name in ours if name not in theirs]
    gone = [f"the {what} {name!r} is missing from the codebook" for name in theirs if name not in ours]
    return added + gone or [f"the {what}s stand in another order: {', '.join(ours)} against {', '.join(theirs)}"]
