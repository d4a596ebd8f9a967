"""What answers in the place of a damaged build, for those who asked for that."""

from contextlib import ExitStack, suppress

from recommender.builds.build import Build
from recommender.builds.store import BuildStore
from recommender.errors import BuildError, RecommenderError


def whole_before_current(store: BuildStore) -> Build:
    """Open the newest build before the current one that is whole, which every byte of it is read for.

    Where the pointer itself is damaged, it is the newest build of all.

    Raises:
        BuildError: There is none.
    """
    builds = store.builds()
    with suppress(BuildError):
        current = store.current_id() or ""
        builds = [build_id for build_id in builds if build_id < current]
    for build_id in reversed(builds):
        with suppress(RecommenderError), ExitStack() as opened:  # also one whose engine is out of reach
            build = opened.enter_context(store.open(build_id))
            build.verify()
            opened.pop_all()
            return build
    raise BuildError(f"there is no whole build in {store.root} to fall back to; rebuild")
