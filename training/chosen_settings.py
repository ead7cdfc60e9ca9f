"""The settings of a run: those that were given, and others that go with them and with the data."""

from pydantic import ValidationError

from model.annotation import Annotation
from model.errors import FramelineError
from model.faults import describe
from training.defaults import default_settings
from training.encoders import find_encoder, reading
from training.settings import TrainingSettings

_DEFAULTS = TrainingSettings()


def choose_settings(
    annotations: list[Annotation],
    supplements: list[Annotation],
    given: dict[str, object],
    *,
    has_base: bool,
    has_development: bool,
    newsmtsc: bool,
) -> TrainingSettings:
    """What was given, and for the rest what suits the amount of data.

    Args:
        annotations: what is learned from, and chooses.
        supplements: what is only learned from.
        given: settings by their names; None stands for one that was not given.
        has_base: whether a trained network is trained further.
        has_development: whether other sentences choose.
        newsmtsc: whether NewsMTSC is learned from, too.

    Raises:
        FramelineError: every faulty setting, each with what is allowed.
        EncoderError: the encoder is not there, or cannot be read.
    """
    named = {name: value for name, value in given.items() if value is not None}
    found = default_settings(annotations, supplements, has_base=has_base, has_development=has_development)
    if newsmtsc or "held_out" in named:
        found["folds"] = 0
    if named.get("folds") and "held_out" not in named:
        found["held_out"] = 0.0
    if not {**found, **named}.get("folds") and not has_development:
        found.pop("held_out", None)
    found |= _window(str(named.get("encoder", _DEFAULTS.encoder)))
    return validated({**found, **named})


def validated(settings: dict[str, object]) -> TrainingSettings:
    """Settings with the usual values for the rest.

    Raises:
        FramelineError: every faulty one, each with what is allowed.
    """
    try:
        return TrainingSettings.model_validate(settings)
    except ValidationError as error:
        raise FramelineError("\n".join(describe(error))) from None


def _window(encoder: str) -> dict[str, int]:
    """Smaller windows for an encoder that reads fewer tokens at once than the usual one holds."""
    from transformers import AutoConfig

    found = find_encoder(encoder)
    with reading(found):
        config = AutoConfig.from_pretrained(found.source)
    most = getattr(config, "max_position_embeddings", None)
    return {} if most is None or most >= _DEFAULTS.window else {"window": most, "overlap": most // 4}
