"""The API does what its description says, whatever is sent: generated calls, checked by Schemathesis."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from recommender.presentation.web.app import create_app
from recommender.presentation.web.site import Site

KEY = "k3y"
ROUTES = [
    ("GET", "/papers/{paper_id}"),
    ("GET", "/papers/{paper_id}/similar"),
    ("GET", "/search"),
    ("POST", "/similar"),
    ("GET", "/new"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
]  # /duplicates takes longer than all of them


@pytest.fixture(scope="module")
def described(workspace):
    app = create_app(workspace, Site(api_keys=(KEY,)))

    async def lasting(scope, receive, send):  # each call starts and ends what it is given
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    return schemathesis.openapi.from_asgi("/openapi.json", lasting)


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
def test_a_route_does_what_its_description_says(described, method, path):
    operation = described[path][method]
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @seed(1)
    @settings(max_examples=8, deadline=None, database=None, suppress_health_check=[*HealthCheck])
    @given(case=st.one_of(right, wrong) if "{" in path or path in ("/search", "/similar", "/new") else right)
    def check(case):
        case.call_and_validate(
            headers={"X-API-Key": KEY},
            excluded_checks=[positive_data_acceptance],  # a subject that no paper has is refused all the same
        )

    check()


@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/new", ["application/atom+xml", "application/json", "message/rfc822"]),
        ("/search", ["application/x-bibtex", "text/csv", "text/plain"]),
    ],
)
def test_what_a_route_answers_with_beside_json_is_described(described, path, media):
    assert {*media} <= {*described.raw_schema["paths"][path]["get"]["responses"]["200"]["content"]}
