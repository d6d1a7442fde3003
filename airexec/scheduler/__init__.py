"""The pure core: statuses, trigger rules, events, apply and decide. No I/O, no clock, no random."""
