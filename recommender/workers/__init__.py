"""Work that is handed out batch by batch: the seam, and who does it."""

from recommender.workers.crew import HERE, THREADS, ThisProcess, Threads, Workers, open_workers
from recommender.workers.processes import PROCESSES, Processes

__all__ = ["HERE", "PROCESSES", "THREADS", "Processes", "ThisProcess", "Threads", "Workers", "open_workers"]
