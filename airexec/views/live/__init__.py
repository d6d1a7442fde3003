"""What is shown and reported while a run goes on: a family of views, told by the run."""
