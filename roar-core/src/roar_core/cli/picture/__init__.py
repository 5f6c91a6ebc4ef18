"""Pictures of the current DAG: an SVG file, and a page that a browser shows."""
