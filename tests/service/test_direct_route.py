"""An endpoint that is called at once where a request has no query."""

import warnings
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response

from service.direct_route import DirectRoute

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

CHECKED: list[str] = []


def check(request: Request) -> None:
    CHECKED.append(request.url.query)


async def show(request: Request, split: bool = True) -> Response:
    return Response(f"{request.method} {split}")


@pytest.fixture
def client() -> Iterator[TestClient]:
    CHECKED.clear()
    router = APIRouter()
    router.add_api_route("/show", show, methods=["POST"], route_class_override=DirectRoute)
    app = FastAPI()
    app.include_router(router, dependencies=[Depends(check)])
    with TestClient(app) as started:
        yield started


@pytest.mark.parametrize("address", ["/show", "/show?"])
def test_without_a_query_nothing_is_resolved_and_defaults_hold(client: TestClient, address: str) -> None:
    assert client.post(address).text == "POST True"
    assert CHECKED == []


def test_a_query_is_read_and_checked(client: TestClient) -> None:
    assert client.post("/show?split=false").text == "POST False"
    assert client.post("/show?split=perhaps").status_code == 422
    assert CHECKED == ["split=false", "split=perhaps"]


def test_its_parameters_are_described(client: TestClient) -> None:
    (parameter,) = client.get("/openapi.json").json()["paths"]["/show"]["post"]["parameters"]
    assert (parameter["name"], parameter["schema"]["default"]) == ("split", True)
