"""From annotations to a released checkpoint."""
