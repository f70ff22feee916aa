"""Runs rows of the benchmark and prints one table. A row is a module in `rows/` with `TARGET` (text) and `measure(say)`.

`measure` gives the figures of each contender, name -> list of numbers, ours first, all in `UNIT`.
"""

import argparse
import importlib
import json
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]


def percentile(values, share):
    """The value below which `share` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def summary(values):
    return {
        "samples": len(values), "median": statistics.median(values), "p95": percentile(values, 0.95),
        "p99": percentile(values, 0.99), "min": min(values), "max": max(values),
    }


def main():
    rows = sorted(path.stem for path in (HERE / "rows").glob("[a-z]*.py"))
    parser = argparse.ArgumentParser(prog="./bench", description="Benchmarks of shaky_steve, each beside its peer.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"which: {', '.join(rows)}; all unless given")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    options = parser.parse_args()
    for name in options.rows:
        if name not in rows:
            parser.error(f"there is no row {name!r}; there are {', '.join(rows)}")

    figures = {}
    for name in options.rows or rows:
        row = importlib.import_module(f"rows.{name}")
        measured = row.measure(lambda text: print(f"  {text}", file=sys.stderr, flush=True))
        figures[name] = {contender: summary(values) for contender, values in measured.items()}
        ours = next(iter(figures[name].values()))
        print(f"\n{name} ({row.UNIT}); target: {row.TARGET}\n")
        print("| | median | p95 | p99 | min-max | median, ours / its |\n| --- | --- | --- | --- | --- | --- |")
        for contender, of in figures[name].items():
            ratio = "" if of is ours else f"{ours['median'] / of['median']:.2f}"
            print(f"| {contender} | {of['median']:.3f} | {of['p95']:.3f} | {of['p99']:.3f} "
                  f"| {of['min']:.3f}-{of['max']:.3f} | {ratio} |")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
