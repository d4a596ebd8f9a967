"""OAI-PMH: the records of a repository, since the last time, page by page, into the library."""

from recommender.harvesting.download import Request, download
from recommender.harvesting.into_library import Harvested, Harvester, harvest, take_up
from recommender.harvesting.spool import Spool
from recommender.harvesting.web import Fetch, fetcher

__all__ = ["Fetch", "Harvested", "Harvester", "Request", "Spool", "download", "fetcher", "harvest", "take_up"]
