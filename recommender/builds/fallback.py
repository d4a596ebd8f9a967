"""What answers in the place of a damaged build, for those who asked for that."""

from contextlib import ExitStack, suppress

from recommender.builds.build import Build
from recommender.builds.store import BuildStore
from recommender.errors import BuildError, RecommenderError


def whole_before_current(store: BuildStore) -> Build:
    """Open the build published last before the current one that is whole, which every byte of it is read for.

    Where the pointer itself is damaged, it is the last one of all that were published.

    Raises:
        BuildError: There is none.
    """
    for build_id in reversed(store.published_before()):
        with suppress(RecommenderError), ExitStack() as opened:  # also one whose engine is out of reach
            build = opened.enter_context(store.open(build_id))
            build.verify()
            opened.pop_all()
            return build
    raise BuildError(f"there is no whole build in {store.root} to fall back to; rebuild")
