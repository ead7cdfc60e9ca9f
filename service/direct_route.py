"""A route that is short for requests without a query."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute


class DirectRoute(APIRoute):
    """Calls its endpoint at once where a request has no query: every parameter has its default then.

    For endpoints that answer with a response and take nothing but the request and parameters of the query, all with
    defaults, and whose dependencies look at nothing but the query. To resolve these nonetheless takes a fifth of the
    time that a short request takes in the event loop.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        resolve, endpoint = super().get_route_handler(), self.endpoint

        async def answer(request: Request) -> Response:
            if request.scope["query_string"]:
                return await resolve(request)
            response: Response = await endpoint(request)
            return response

        return answer
