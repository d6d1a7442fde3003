"""Jobs that other programs write: reading an order, taking what is added to it, writing back how it goes."""
