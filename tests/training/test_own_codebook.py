"""From a table of texts and labels to a served model, with codebooks that are not ours."""

import csv
import json
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.training.nine_frames import CODEBOOK_OPTIONS, ROWS

from frameline import main
from model.checkpoint import CODEBOOK, CONFIG
from model.labeller import Labeller

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]
