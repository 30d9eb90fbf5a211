#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Draws the figures of a benchmark: plot.py FILE.json FILE.png (needs matplotlib)."""

import json
import pathlib
import sys

PANELS = {"call": "ffi_call", "prep": "ffi_prep_cif", "closure": "a closure called",
          "alloc": "a closure made and freed"}
COLOURS = {"compiled": "#b0b0b0", "system": "#d98c5f", "ours": "#3d7ea6", "also": "#7a9e57"}


def panel(axes, rows, title):
    names = [n for n in rows[0]["figures"] if n != "copy"]
    order = [n for n in ("compiled", "system") if n in names]
    order += [n for n in names if n not in order]
    height = 0.8 / len(order)
    for i, name in enumerate(order):
        values = [r["figures"].get(name, {}).get("ns", 0) for r in rows]
        places = [k + i * height for k in range(len(rows))]
        axes.barh(places, values, height, label=name, color=COLOURS.get(name.rstrip("0123456789")))
    axes.set_yticks([k + 0.4 - height / 2 for k in range(len(rows))], [r["row"] for r in rows], fontsize=8)
    axes.margins(y=0.01)
    axes.invert_yaxis()
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    axes.set_xlabel("ns, median", fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def draw(data, path):
    """Draws `data` (what run --json writes) to `path`; returns one line that says what happened."""
    try:
        import matplotlib
    except ImportError:
        return f"No plot: {path} needs matplotlib (Debian: python3-matplotlib)."
    matplotlib.use("Agg")
    from matplotlib import pyplot

    found = {group: [r for r in data["rows"] if r["group"] == group] for group in PANELS}
    found = {group: rows for group, rows in found.items() if rows}
    if not found:
        return f"No plot: none of the measured groups is drawn ({', '.join(PANELS)})."
    upper = [group for group in found if group != "alloc"]  # these share their rows' names
    mosaic = ([upper] if upper else []) + ([["alloc"] * max(1, len(upper))] if "alloc" in found else [])
    heights = [1 + 0.26 * len(found[line[0]]) for line in mosaic]
    figure, axes = pyplot.subplot_mosaic(mosaic, figsize=(4 + 3.4 * max(1, len(upper)), sum(heights)),
                                         height_ratios=heights, layout="constrained")
    for group, rows in found.items():
        panel(axes[group], rows, PANELS[group])
        if group in upper[1:]:
            axes[group].set_yticklabels([])
    first = axes[mosaic[0][0]]
    figure.legend(*first.get_legend_handles_labels(), loc="upper right", ncols=4, fontsize=8, frameon=False)
    about = data["environment"]
    figure.suptitle(f"{about['cpu']}, Linux {about['kernel']}", x=0.01, ha="left", fontsize=9)
    figure.savefig(path, dpi=110)
    return f"Plot: {path}"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(draw(json.loads(pathlib.Path(sys.argv[1]).read_text()), pathlib.Path(sys.argv[2])))
