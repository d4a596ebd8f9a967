"""Pictures: drawn by matplotlib, as PNG or SVG, whichever the name of the file says."""
