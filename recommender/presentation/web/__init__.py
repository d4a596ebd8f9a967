"""The web pages and the API. FastAPI, Jinja2 and uvicorn are used nowhere else."""
