"""What the tests of the web share: the sample, built once, and clients of it."""

import shutil
from datetime import datetime

import pytest
from starlette.testclient import TestClient

from recommender.presentation.formats import written
from recommender.presentation.web.app import create_app
from recommender.presentation.web.site import Site
from recommender.settings import Settings
from recommender.workspace import Workspace


@pytest.fixture(scope="session")
def workspace(sample_home, tmp_path_factory):
    home = tmp_path_factory.mktemp("site") / "home"  # of its own: a server keeps maps and more there
    shutil.copytree(sample_home, home)
    return Workspace(Settings(home=home))


@pytest.fixture(scope="session")
def recommender(workspace):
    return workspace.recommender()


@pytest.fixture(scope="session")
def as_file(recommender):
    """Write an answer as the command line does: `as_file(answer, "ris")`."""
    created = datetime.fromisoformat(recommender.build.manifest.created)
    return lambda answer, name: written(answer, name, (), created)


@pytest.fixture(scope="session")
def client(workspace):
    with TestClient(create_app(workspace)) as client:
        yield client


@pytest.fixture
def serving(workspace):
    """Serve the sample another way: `serving(Site(...))`."""
    opened = []

    def serve(site=None, of=workspace):
        client = TestClient(create_app(of, site or Site()), raise_server_exceptions=False)
        opened.append(client)
        return client.__enter__()

    yield serve
    for client in opened:
        client.__exit__(None, None, None)
