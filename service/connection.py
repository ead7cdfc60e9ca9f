"""Requests to a running service, and what may come back instead of an answer."""

import ssl
from threading import Lock
from typing import TypeVar

import httpx2
from pydantic import ValidationError

from model.codebook import Schema
from model.errors import InputError
from model.faults import describe
from service.errors import ServiceError
from service.notices import Notices
from service.patience import Patience, retry_after
from service.problem import Problem

Answer = TypeVar("Answer", bound=Schema)

#: Seconds to open a connection.
_CONNECT = 10.0
#: Seconds that any try is given.
_SHORTEST = 1.0
#: Seconds for which an idle connection is kept; servers close theirs after 5 or more.
_KEEP = 3.0
_FULL = 503
_BUSY = frozenset({429, 502, _FULL, 504})
_DENIED = frozenset({401, 403})
_ELSEWHERE = frozenset({404, 405})


class Connection:
    """Sends requests to a service, again while it is busy or cannot be reached; threads may share it.

    Args:
        url: where the service is.
        api_key: the service's key, if it asks for one; sent as a bearer token.
        patience: how long a request is tried.
        notices: is told when a request is tried again, unless the service is only busy with others sent from here.
        transport: what carries requests, instead of the network.

    Raises:
        InputError: ``url`` or ``api_key`` cannot be one.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None,
        patience: Patience,
        notices: Notices,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        address = _address(url)
        self.url = str(address.copy_with(userinfo=b""))
        self._patience = patience
        self._notices = notices
        self._has_key = api_key is not None
        self._lock = Lock()
        self._under_way = 0
        self._answered = 0
        self._http = httpx2.Client(
            base_url=address,
            headers={"User-Agent": "frameline", **_authorization(api_key, address)},
            limits=httpx2.Limits(keepalive_expiry=_KEEP),
            transport=transport,
        )

    def close(self) -> None:
        """Close the connections that are open."""
        self._http.close()

    def send(self, method: str, path: str, body: str | None = None) -> httpx2.Response:
        """Send a request until the answer is other than that the service is busy.

        Args:
            method: GET or POST.
            path: the way to what is asked for, from the service's URL.
            body: JSON.

        Raises:
            ServiceError: there has been no answer within the patience.
        """
        tries = self._patience.begin()
        while True:
            left = max(tries.remaining, _SHORTEST)
            timeout = httpx2.Timeout(left, connect=min(left, _CONNECT))
            least, expected = 0.0, False
            try:
                answer, among_others = self._try(method, path, body, timeout)
            except httpx2.TransportError as error:
                reason = f"{self.url}: {str(error) or type(error).__name__}"
                if _is_lasting(error):
                    raise ServiceError(reason) from None
            except httpx2.RequestError as error:
                raise ServiceError(f"{self.url}: the answer cannot be read: {error}") from None
            else:
                if answer.status_code not in _BUSY:
                    return answer
                reason = f"{self.url}: the service answers {status(answer)}"
                least = retry_after(answer.headers)
                expected = among_others and answer.status_code == _FULL
            if not expected:
                self._notices.tell(f"{reason}; trying again for up to {self._patience.seconds:g} s")
            tries.pause(reason, least)

    def _try(self, method: str, path: str, body: str | None, timeout: httpx2.Timeout) -> tuple[httpx2.Response, bool]:
        """What comes back, and whether the service had others sent from here to answer meanwhile."""
        with self._lock:
            self._under_way += 1
            answered = self._answered
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            answer = self._http.request(method, path, content=body, headers=headers, timeout=timeout)
        finally:
            with self._lock:
                self._under_way -= 1
        with self._lock:
            among_others = self._under_way > 0 or self._answered > answered
            self._answered += answer.status_code not in _BUSY
        return answer, among_others

    def read(self, kind: type[Answer], answer: httpx2.Response) -> Answer:
        """Read what an answer holds.

        Raises:
            ServiceError: the answer is an error, or not what a service answers.
        """
        self._check(answer)
        try:
            return kind.model_validate_json(answer.content)
        except ValidationError as error:
            raise ServiceError(
                f"{self.url}: the answer to {answer.request.url.path} is not understood; is this a Frameline service, "
                f"and of this version? {describe(error)[0]}"
            ) from None

    def _check(self, answer: httpx2.Response) -> None:
        is_page = "html" in answer.headers.get("content-type", "")
        if answer.is_success and not is_page:
            return
        problem = Problem.read(answer.content)
        said = f"{self.url}: the service answers {status(answer)}"
        said += f" ({problem.message})" if problem.message not in ("", answer.reason_phrase) else ""
        if answer.status_code in _DENIED:
            remedy = "see that the key is right" if self._has_key else "give its key"
            raise ServiceError(f"{said}; {remedy}, by --api-key or FRAMELINE_API_KEY")
        if answer.has_redirect_location:
            raise ServiceError(f"{said} and names {answer.headers['location']}; give the address that it moved to")
        if is_page or answer.status_code in _ELSEWHERE:
            raise ServiceError(f"{said} to {answer.request.url.path}; is this a Frameline service?")
        raise ServiceError(said)


def status(answer: httpx2.Response) -> str:
    """Number and name of an answer's status."""
    return f"{answer.status_code} {answer.reason_phrase}".strip()


def _address(url: str) -> httpx2.URL:
    try:
        address = httpx2.URL(url)
    except (httpx2.InvalidURL, UnicodeEncodeError) as error:
        raise InputError("url", f"{url!r} is no URL: {error}") from None
    if address.scheme not in ("http", "https") or not address.host:
        raise InputError("url", f"{url!r} is not http:// or https:// and a host, as is http://127.0.0.1:8000")
    if address.port is not None and not 1 <= address.port <= 65_535:
        raise InputError("url", f"{url!r} has the port {address.port}; ports are 1 to 65535")
    if address.query or address.fragment:
        raise InputError("url", f"{url!r} has more than a host and a path; leave out what follows them")
    return address


def _authorization(key: str | None, address: httpx2.URL) -> dict[str, str]:
    if key is None:
        return {}
    if not key or " " in key or not (key.isascii() and key.isprintable()):
        raise InputError("api_key", "empty, or not only of printable ASCII without spaces")
    if address.userinfo:
        raise InputError("api_key", "the URL holds a user already; give one of them")
    return {"Authorization": f"Bearer {key}"}


def _is_lasting(error: httpx2.TransportError) -> bool:
    """Whether another try would fail like this one."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (ssl.SSLCertVerificationError, httpx2.LocalProtocolError)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
