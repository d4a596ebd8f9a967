"""`recommend mcp`: the answers as tools for assistants, over the Model Context Protocol."""

import os

from recommender.extras import require
from recommender.presentation.asking import prepare
from recommender.presentation.cli import options as o
from recommender.settings import Settings
from recommender.workspace import Workspace


def mcp(home: o.Home = None) -> None:
    """Offer similar, search, show and why to an assistant, on standard input and output (MCP)."""
    require("mcp", "mcp")
    from recommender.presentation.mcp.server import create_server

    workspace = Workspace(Settings.read(os.environ, home=home))
    prepare(workspace)
    create_server(workspace).run()
