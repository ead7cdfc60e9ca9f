"""The gate before service: what a version has to show before it is promoted."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError

from model.registry import Registry
from training.comparison import FORMAT, Comparison
from training.contender import Contender


class Evidence(NamedTuple):
    """A comparison and its key."""

    key: str
    comparison: Comparison


class Verdict(NamedTuple):
    """Whether a version may be promoted, and what speaks against it."""

    evidence: Evidence | None
    findings: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.findings


def judge(evidence: Evidence | None, candidate: Contender, incumbent: Contender) -> Verdict:
    """Judge a candidate by its comparison with the model in service.

    Args:
        evidence: the comparison, None where there is none.
        candidate: what is to be promoted.
        incumbent: what it was compared with.
    """
    if evidence is None:
        return Verdict(
            None,
            (
                f"no comparison of {candidate.name} with {incumbent.name} on held-out sentences: "
                "give --annotations FILES",
            ),
        )
    comparison = evidence.comparison
    findings = comparison.findings
    if comparison.known_kept:
        findings = (*findings, "sentences that one of the models has seen are among those that they were compared on")
    return Verdict(evidence, findings)


def recorded(registry: Registry, key: str) -> Evidence | None:
    """A comparison that the registry has kept."""
    content = registry.comparison(key)
    return None if content is None else _read(key, content)


def latest(registry: Registry, a: Contender, b: Contender) -> Evidence | None:
    """The newest comparison of two models that the registry has kept, whatever the sentences."""
    for key in registry.comparisons():
        evidence = recorded(registry, key)
        if evidence is not None:
            sides = evidence.comparison.a.digest, evidence.comparison.b.digest
            if sides == (a.digest, b.digest):
                return evidence
    return None


def keep(registry: Registry, key: str, comparison: Comparison) -> None:
    """Keep a comparison."""
    registry.keep_comparison(key, comparison.model_dump_json(indent=2))


def limits(comparison: Comparison) -> Sequence[str]:
    """What the sentences are too few to rule out, for the labels on which B may be worse; one line a label."""
    return [
        f"{label.label}: a loss of up to {-label.low:.3f} F1 (n={label.support})"
        for label in comparison.labels
        if label.low < -0.05 and not label.is_worse
    ]


def _read(key: str, content: str) -> Evidence | None:
    """A comparison of this form; one of another version of Frameline is no evidence any more."""
    try:
        comparison = Comparison.model_validate_json(content)
    except ValidationError:
        return None
    return Evidence(key, comparison) if comparison.format == FORMAT else None
