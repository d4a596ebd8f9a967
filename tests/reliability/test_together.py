"""Many at once: readers who stay with a build that others replace, and two who want to write."""

import pytest

from tests.reliability.server import under_publications
from tests.reliability.together import readers_over_publications, two_writers


def test_readers_of_any_pace_get_right_answers_over_twenty_publications(tmp_path):
    done, rounds = readers_over_publications(tmp_path, n_readers=4, n_least=20)
    assert done >= 20
    assert rounds > 20


def test_of_two_writers_one_waits_and_one_is_turned_away(tmp_path):
    _, away = two_writers(tmp_path, 5)
    assert away > 0


@pytest.mark.loopback
def test_a_server_with_64_connections_fails_no_request_while_builds_come_and_go(tmp_path):
    done, found = under_publications(tmp_path / "home", n_least=4)
    assert found.failed == []
    assert done >= 4
    assert len(found.builds) >= 4
    assert found.n > 64
