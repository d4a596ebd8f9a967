"""What a caller is told of an error: every kind has its status, and none tells of the server's own things."""

from recommender import errors
from recommender.errors import EngineError, LockedError, RecommenderError
from recommender.presentation.web.problems import STATUS, detail_of, status_of

KINDS = {kind for kind in vars(errors).values() if isinstance(kind, type)} - {type}
TOLD = {
    RecommenderError, errors.UsageError, errors.QuestionError, errors.PaperNotFoundError,
    errors.NotAnswerableError, errors.ModelError, errors.MissingExtraError, errors.WorkersError,
}  # fmt: skip


def made(kind, message):
    """Return an error of a kind, whatever its own arguments are."""
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    return error


def test_every_error_has_a_status_of_its_own():
    assert {kind for kind in KINDS if issubclass(kind, RecommenderError)} - STATUS.keys() == set()


def test_an_error_that_no_question_leads_to_tells_nothing_of_the_server():
    for kind in KINDS - TOLD:
        assert "/srv" not in detail_of(made(kind, "/srv/home is gone")), kind
        assert status_of(made(kind, "")) >= 500


def test_what_searches_or_somebody_who_writes_is_no_fault_of_the_question():
    assert [status_of(EngineError("")), status_of(LockedError(""))] == [503, 503]
    assert "cannot reach what searches" in detail_of(EngineError("Milvus at http://10.0.0.7:19530 is gone"))
