"""What starts a run by itself: the ticks of a schedule, the ends of other jobs, files that come; each of them once."""
