from model.prediction import ActorStance, Document, FrameScore, Sentence
from service.abstention import abstain

ACTOR = ActorStance(
    mention="Voss",
    start=0,
    end=4,
    actor=None,
    stance="neutral",
    probabilities={"supportive": 0.3, "neutral": 0.4, "critical": 0.3},
)


def document(*frames: tuple[float, bool]) -> Document:
    scores = tuple(FrameScore(frame="f", probability=probability, present=present) for probability, present in frames)
    return Document(id="a", sentences=(Sentence(start=0, end=4, text="Voss", frames=scores, actors=(ACTOR,)),))


def test_confidence_is_the_probability_of_what_was_decided() -> None:
    assert FrameScore(frame="f", probability=0.9, present=True).confidence == 0.9
    assert FrameScore(frame="f", probability=0.25, present=False).confidence == 0.75
    assert FrameScore(frame="f", probability=0.25, present=True).confidence == 0.25
    assert ACTOR.confidence == 0.4


def test_only_frames_that_are_probable_enough_stay() -> None:
    given = document((0.81, True), (0.8, True), (0.79, True), (0.15, True), (0.5, False), (0.1, False))
    (sentence,) = abstain(given, 0.8).sentences
    assert [score.present for score in sentence.frames] == [True, True, False, False, False, False]
    assert [score.probability for score in sentence.frames] == [0.81, 0.8, 0.79, 0.15, 0.5, 0.1]
    assert sentence.actors == (ACTOR,)


def test_without_a_least_confidence_everything_stays() -> None:
    given = document((0.5, True), (0.2, True), (0.3, False))
    assert abstain(given, 0.0) == given


def test_the_form_of_the_contract_stays() -> None:
    given = document((0.5, True))
    assert Document.model_validate_json(abstain(given, 0.9).model_dump_json()) == abstain(given, 0.9)
    assert set(given.model_dump()["sentences"][0]["frames"][0]) == {"frame", "probability", "present"}
