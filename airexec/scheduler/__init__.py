"""The pure core: statuses, trigger rules, events, `apply`, `decide` and `splice`. No I/O, no clock, no chance."""
