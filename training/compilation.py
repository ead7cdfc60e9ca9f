"""Compiling an encoder before much work: torch.compile writes C++ for its layers, and a compiler makes them fast."""

import os
import shutil

from torch.nn import Module

from model.network import FramelineModel

_COMPILERS = ("g++", "clang++")


def compile_encoder(network: FramelineModel) -> None:
    """Compile the layers of the encoder, for inputs of any length, when they first run.

    Args:
        network: its weights and their names stay as they are.
    """
    encoder: Module = network.encoder
    # The layers alone: around them masks are made in ways that differ from input to input.
    getattr(encoder, "encoder", encoder).compile(dynamic=True)


def has_compiler() -> bool:
    """Whether torch.compile finds a C++ compiler."""
    return any(shutil.which(name) for name in (os.environ.get("CXX", ""), *_COMPILERS))
