"""A real Label Studio on SQLite in a folder of its own, and what is asked of its API."""

import os
import shlex
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import httpx2

from tests.conftest import ROOT

TOKEN = "0123456789abcdef0123456789abcdef01234567"  # noqa: S105 - of a server that lives for one test
EMAIL = "annotator@example.org"
PASSWORD = "of-one-test-only"  # noqa: S105 - likewise


def executable() -> Path:
    given = os.environ.get("FRAMELINE_LABEL_STUDIO")
    return Path(given) if given else ROOT / ".venv-label-studio" / "bin" / "label-studio"


class LabelStudio:
    """A running server; its API answers with what the JSON says, and any error is raised."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        options = (
            f"--no-browser --internal-host 127.0.0.1 --port {self.url.rpartition(':')[2]} --username {EMAIL} "
            f"--password {PASSWORD} --enable-legacy-api-token --user-token {TOKEN}"
        )
        self._log = folder / "log.txt"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(executable()), "start", *shlex.split(options)],
                cwd=folder,
                env={
                    **os.environ,
                    "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
                    "ML_BLOCK_LOCAL_IP": "false",
                    "SSRF_PROTECTION_ENABLED": "false",
                    "COLLECT_ANALYTICS": "false",
                    "LATEST_VERSION_CHECK": "false",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._client = httpx2.Client(base_url=self.url, headers={"Authorization": f"Token {TOKEN}"}, timeout=120)

    def __enter__(self) -> Self:
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
            try:
                self.get("/api/projects")
            except (httpx2.HTTPError, AssertionError):
                time.sleep(0.5)
            else:
                return self
        self.__exit__()
        raise TimeoutError(self._log.read_text(encoding="utf-8"))

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._process.kill()
        self._process.wait()

    def get(self, path: str, **parameters: Any) -> Any:
        return self._answer(self._client.get(path, params=parameters))

    def post(self, path: str, body: Any) -> Any:
        return self._answer(self._client.post(path, json=body))

    def patch(self, path: str, body: Any) -> Any:
        return self._answer(self._client.patch(path, json=body))

    def delete(self, path: str) -> None:
        self._answer(self._client.delete(path))

    def export(self, project: int, kind: str = "JSON") -> bytes:
        """What the button Export downloads."""
        answer = self._client.get(f"/api/projects/{project}/export", params={"exportType": kind})
        assert answer.is_success, answer.text
        return answer.content

    @staticmethod
    def _answer(answer: httpx2.Response) -> Any:
        assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text[:2000]}"
        return answer.json() if answer.content else None
