"""YAML, in which no key may stand twice: of two values one would be lost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from model.errors import FaultsError

#: The compiled ones, where PyYAML has them, are many times as fast.
_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SAFE_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def read_yaml(text: str, place: str) -> Any:
    """What a text in YAML says.

    Args:
        text: the text.
        place: what errors call it.

    Raises:
        FaultsError: keys stand twice in their mapping; each is named with its line.
        yaml.YAMLError: it is no YAML.
    """
    loader = _SAFE_LOADER(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        repeated = sorted(fault for mapping in _mappings(node) for fault in _repeated(mapping))
        if repeated:
            told = "the key {!r} stands in line {} already; give it once"
            raise FaultsError([f"{place}:{line}: {told.format(key, first)}" for line, key, first in repeated])
        return loader.construct_document(node)
    finally:
        loader.dispose()


def write_yaml(content: Mapping[str, Any]) -> str:
    """The text, of ASCII characters, that `read_yaml` reads as ``content``."""
    text: str = yaml.dump(content, Dumper=_SAFE_DUMPER, sort_keys=False)
    return text


def find_lines(text: str, ways: Iterable[Sequence[str | int]]) -> list[int]:
    """The line, from 1, to which each way through a text leads: where it ends early, that of the last step.

    Args:
        text: the text, which holds something.
        ways: each with the keys of mappings and the positions in lists, from the top.
    """
    root = yaml.compose(text, Loader=_SAFE_LOADER)
    return [1 if root is None else _line(root, way) for way in ways]


def _line(node: yaml.Node, way: Sequence[str | int]) -> int:
    line = node.start_mark.line + 1
    for step in way:
        below: list[tuple[yaml.Node, yaml.Node]] = []
        if isinstance(node, yaml.MappingNode):
            below = [(key, value) for key, value in node.value if key.value == step]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            below = [(one, one) for one in node.value[step : step + 1]]
        if not below:
            break
        place, node = below[0]
        line = place.start_mark.line + 1
    return line


def _mappings(root: yaml.Node) -> Iterator[yaml.MappingNode]:
    """The mappings at and below a node, each once, also where aliases stand for it."""
    nodes, seen = [root], {id(root)}
    for node in nodes:  # which grow meanwhile
        if isinstance(node, yaml.MappingNode):
            yield node
            below = [value for _, value in node.value]
        else:
            below = node.value if isinstance(node, yaml.SequenceNode) else []
        for child in below:
            if id(child) not in seen:
                seen.add(id(child))
                nodes.append(child)


def _repeated(mapping: yaml.MappingNode) -> Iterator[tuple[int, str, int]]:
    """The keys that stand in a mapping already: line, key, and the line where each stands first."""
    lines: dict[tuple[str, str], int] = {}
    for key, _ in mapping.value:
        if isinstance(key, yaml.ScalarNode):  # no other can be a key in Python
            line, known = key.start_mark.line + 1, (key.tag, key.value)
            if known in lines:
                yield line, key.value, lines[known]
            lines.setdefault(known, line)
