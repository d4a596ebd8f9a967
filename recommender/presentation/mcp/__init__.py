"""The answers as tools for assistants: a server of the Model Context Protocol."""
