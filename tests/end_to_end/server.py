import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from typing import Any, Self

from tests.conftest import ROOT
from tests.end_to_end.conftest import BIN


class Server:
    """A running ``frameline serve``, with further environment variables."""

    def __init__(self, **environment: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [str(BIN / "frameline"), "serve", "--port", str(self.port)],
            cwd=ROOT,
            env={**os.environ, "FRAMELINE_JOBS": "false", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a pipe that nobody reads fills up with log lines, and then everything waits
        )

    def __enter__(self) -> Self:
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return json.load(answer)

    def post(self, body: bytes) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"}
        url = f"http://127.0.0.1:{self.port}/v1/classify"
        request = urllib.request.Request(url, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None
            try:
                self.get("/health/ready")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the server is not ready")
