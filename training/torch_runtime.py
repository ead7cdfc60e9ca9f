"""Running the torch network where a labeller expects a runtime: to measure a run before it is exported."""

from pathlib import Path

import torch

from model.network import FramelineModel
from model.runtime import Output
from model.tokens import Window


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
