"""Work that is handed out batch by batch: the seam, and who does it."""

from recommender.workers.crew import HERE, THREADS, ThisProcess, Threads, Workers, open_workers

__all__ = ["HERE", "THREADS", "ThisProcess", "Threads", "Workers", "open_workers"]
