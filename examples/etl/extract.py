"""Make up some orders, the same ones for the same arguments, and tell airexec where they are and how many."""

import argparse
import csv
import json
import random
from pathlib import Path

PRODUCTS = {"tea": 4, "coffee": 7, "cocoa": 5}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--region", required=True)
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args()

    chance = random.Random(options.region)
    orders = [
        (day, product, amount := chance.randint(1, 9), amount * price)
        for day in range(options.days)
        for product, price in PRODUCTS.items()
    ]
    options.to.parent.mkdir(parents=True, exist_ok=True)
    with options.to.open("w", newline="") as file:
        csv.writer(file).writerows([("day", "product", "amount", "price"), *orders])

    print("::output", json.dumps({"path": str(options.to), "rows": len(orders)}))


if __name__ == "__main__":
    main()
