"""Running the torch network where a labeller expects a runtime: to measure a run before it is exported."""

from pathlib import Path

import torch

from model.network import FramelineModel
from model.runtime import Output
from model.tokens import Window


def has_bfloat16() -> bool:
    """Whether this machine computes in bfloat16 natively."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def autocast() -> torch.autocast:
    """A context in which products run in bfloat16 where this machine has it."""
    return torch.autocast("cuda" if torch.cuda.is_available() else "cpu", torch.bfloat16, enabled=has_bfloat16())


class TorchRuntime:
    """A network in torch, one window a call, in float32."""

    def __init__(self, model: FramelineModel) -> None:
        self._model = model.float().eval()

    @classmethod
    def load(cls, folder: Path) -> "TorchRuntime":
        """Load the network that `FramelineModel.save_pretrained` wrote to ``folder``."""
        return cls(FramelineModel.from_pretrained(folder))

    @torch.inference_mode()
    def run(self, window: Window) -> Output:
        """The logits of one window."""
        inputs = {name: torch.from_numpy(ids).to(self._model.device) for name, ids in window.inputs.items()}
        output = self._model(**inputs)
        return Output(output.frames[0].cpu().numpy(), output.mentions[0].cpu().numpy(), output.stances[0].cpu().numpy())
