"""What a Label Studio project asks for, as far as this service can answer it."""

import xml.etree.ElementTree as ET

from pydantic_core import PydanticCustomError

from model.codebook import Codebook, Schema
from model.label_studio import ACTOR_ID, FRAMES, SPANS, STANCE, TEXT

_ASKED = (FRAMES, SPANS, STANCE, ACTOR_ID)
_REMEDY = "take the labelling configuration that `frameline codebook label-studio` writes"


class Project(Schema):
    """The tags of a labelling configuration that this service fills, and the field of a task that has the text."""

    field: str
    tags: frozenset[str]

    @classmethod
    def read(cls, config: str, codebook: Codebook) -> "Project":
        """What a labelling configuration (XML) asks for.

        Raises:
            PydanticCustomError: it is no XML, or asks for nothing that this service knows, or for other frames or
                stances than the model's.
        """
        if "<!" in config.replace("<!--", ""):  # so that no entity can blow it up
            raise _wrong("declarations are not read here")
        try:
            root = ET.fromstring(config)  # noqa: S314
        except ET.ParseError as error:
            raise _wrong(f"not XML ({error})") from None
        named = {element.get("name"): element for element in root.iter() if element.get("name")}
        tags = frozenset(tag for tag in _ASKED if tag in named and named[tag].get("toName") == TEXT)
        field = named[TEXT].get("value", "") if TEXT in named else ""
        if not field.startswith("$") or not tags:
            raise _wrong(f"it has no text {TEXT!r} with tags {', '.join(map(repr, _ASKED))}")
        for tag, labels in ((FRAMES, codebook.frame_ids), (STANCE, codebook.stance_ids)):
            offered = (
                {choice.get("alias") or choice.get("value") for choice in named[tag]} if tag in tags else set(labels)
            )
            if missing := [label for label in labels if label not in offered]:
                raise _wrong(f"the tag {tag!r} lacks {', '.join(missing)}")
        return cls(field=field[1:], tags=tags)


def _wrong(what: str) -> PydanticCustomError:
    return PydanticCustomError("label_config", "{what}; {remedy}", {"what": what, "remedy": _REMEDY})
