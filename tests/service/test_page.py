import json
import re
import warnings
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from service.app import create_app
from service.page import FOLDER
from service.settings import ServiceSettings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

FILES = sorted(file.name for file in FOLDER.iterdir())
NAMESPACE = "http://www.w3.org/2000/svg"  # a name that is never fetched
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@pytest.fixture(scope="module")
def client(checkpoint: Path) -> Iterator[TestClient]:
    with TestClient(create_app(ServiceSettings(checkpoint=checkpoint))) as started:
        yield started


@pytest.mark.parametrize("path", ["/", *(f"/page/{name}" for name in FILES)])
def test_every_file_is_served_with_its_type_and_a_strict_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)
    name = "index.html" if path == "/" else path.removeprefix("/page/")
    assert answer.status_code == 200
    assert answer.content == (FOLDER / name).read_bytes()
    assert answer.headers["content-type"] == TYPES[Path(name).suffix]
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["cache-control"] == "no-cache"


def test_an_unchanged_file_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": f'W/"x", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get("/", headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.head("/").headers["content-length"] == str(len(first.content))


@pytest.mark.parametrize(
    "path",
    [
        "nothing.js",
        "",
        "%2e%2e/app.py",
        "..%2fapp.py",
        "%2e%2e%2fapp.py",
        "..%5capp.py",
        "%2fetc%2fpasswd",
        "page.css%00",
    ],
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/page/{path}").status_code == 404


def test_what_the_page_refers_to_is_served(client: TestClient) -> None:
    index = client.get("/").text
    found = set(re.findall(r'(?:src|href)="([^"#]+)"', index))
    assert {"page/page.css", "page/theme.js", "page/page.js", "page/icon.svg"} <= found
    for path in found:
        assert client.get(f"/{path}").status_code == 200, path
    for name in FILES:
        for module in re.findall(r'from "\./([^"]+)"', (FOLDER / name).read_text(encoding="utf-8")):
            assert client.get(f"/page/{module}").status_code == 200, module


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_fetched_from_elsewhere_or_inline(name: str) -> None:
    content = (FOLDER / name).read_text(encoding="utf-8").replace(NAMESPACE, "")
    assert not re.search(r"https?:|[\"'(]//|@import|url\(", content)
    if name.endswith(".html"):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", content)
    if name.endswith(".js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", content)


def test_every_element_that_a_script_asks_for_is_there() -> None:
    ids = set(re.findall(r'\sid="([^"]+)"', (FOLDER / "index.html").read_text(encoding="utf-8")))
    for name in FILES:
        if name.endswith(".js"):
            asked = set(re.findall(r'byId\("([^"]+)"\)', (FOLDER / name).read_text(encoding="utf-8")))
            assert asked <= ids, (name, asked - ids)


def test_the_examples_are_whole() -> None:
    examples = json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))
    assert len(examples) == 3
    for example in examples:
        assert example["text"].startswith(example["title"] + "\n\n")
        assert example["about"]


def test_the_pages_files_are_no_part_of_the_api(client: TestClient) -> None:
    assert not [path for path in client.get("/openapi.json").json()["paths"] if path.startswith("/page")]


# Colours. Simulated by Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB; distances are CIE76.
Vector = tuple[float, float, float]
SIGHTS: dict[str, tuple[Vector, Vector, Vector]] = {
    "trichromatic": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopic": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopic": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopic": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)


def times(matrix: tuple[Vector, Vector, Vector], vector: Vector) -> Vector:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def linear(colour: str) -> Vector:
    def decode(byte: str) -> float:
        value = int(byte, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return decode(colour[1:3]), decode(colour[3:5]), decode(colour[5:7])


def lab(rgb: Vector) -> Vector:
    scaled = [part / white for part, white in zip(times(TO_XYZ, rgb), WHITE, strict=True)]
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in scaled)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: str, other: str, sight: str) -> float:
    seen = [
        lab((max(0, min(1, red)), max(0, min(1, green)), max(0, min(1, blue))))
        for red, green, blue in (times(SIGHTS[sight], linear(colour)) for colour in (one, other))
    ]
    return float(sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5)


def contrast(one: str, other: str) -> float:
    low, high = sorted(times(TO_XYZ, linear(colour))[1] for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def mixed(colour: str, paper: str, share: float) -> str:
    parts = [int(colour[at : at + 2], 16) * share + int(paper[at : at + 2], 16) * (1 - share) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(part):02x}" for part in parts)


@pytest.fixture(scope="module", params=["light", "dark"])
def colours(request: pytest.FixtureRequest) -> dict[str, str]:
    css = (FOLDER / "page.css").read_text(encoding="utf-8")
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", css)
    return {name: dark if request.param == "dark" else light for name, light, dark in pairs}


def test_text_and_signs_have_contrast(colours: dict[str, str]) -> None:
    assert re.search(r"--tint: 13%;", (FOLDER / "page.css").read_text(encoding="utf-8"))
    for name, colour in colours.items():
        if name.startswith(("frame", "stance")):
            assert contrast(colour, colours["paper"]) >= 4.5, name
            tint = mixed(colour, colours["paper"], 0.13)
            assert contrast(colour, tint) >= 4.5, name
            assert contrast(colours["ink"], tint) >= 7, name
    for ground in ("paper", "desk"):
        for name in ("ink", "soft", "accent", "alarm"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
        assert contrast(colours["edge"], colours[ground]) >= 3, ground
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5


@pytest.mark.parametrize("sight", SIGHTS)
def test_colour_blind_eyes_tell_them_apart(colours: dict[str, str], sight: str) -> None:
    for kind in ("frame-", "stance-"):
        group = {name: colour for name, colour in colours.items() if name.startswith(kind)}
        assert len(group) >= 3
        for (one, first), (other, second) in combinations(group.items(), 2):
            assert distance(first, second, sight) >= 20, (one, other)
