/** The notebook's Python: the sweep's tables, and functions that draw from them. */
import { stringify } from "../../../../src/core/json-text.js";

/** Tables as CSV, by name: their text, or the path that the notebook finds them at. */
export interface Tables {
  cells: string;
  curves: string;
  confusion: string;
}

/** A text, a number or a list of these as Python, in one line: JSON's notation is Python's, too. */
export const pythonValue = (value: unknown): string => stringify(value);

/** @param embedded whether the tables are given as text */
export function tablesCode(tables: Tables, embedded: boolean): string {
  const read = (name: keyof Tables) => {
    const text = pythonValue(tables[name]);
    return `${name} = pd.read_csv(${embedded ? `io.StringIO(${text})` : text})`;
  };
  return `# All figures of the sweep as tables: its cells, their learning curves, and their confusion matrices.
import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

${read("cells")}
${read("curves")}
${read("confusion")}
# What a cell was not trained on: the images that it held out, else the test set.
for figure in ["Loss", "Accuracy"]:
    curves["heldOut" + figure] = curves["validation" + figure].fillna(curves["test" + figure])
curves = curves.replace([np.inf, -np.inf], np.nan)`;
}

export const DRAWING_CODE = String.raw`def plain(text):
    """Without formulas: a dollar sign is one."""
    return text.replace("$", r"\$")


def draw_curves(lines):
    """Held-out figures solid, training figures dashed; a line is the mean of its cells, a band their range."""
    _, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for axis, figure in zip(axes, ["Accuracy", "Loss"]):
        drawn = []
        for k, (label, ids) in enumerate(lines.items()):
            epochs = curves[curves["id"].isin(ids)].groupby("epoch")
            for split, style in [("heldOut", "solid"), ("train", "dashed")]:
                values = epochs[split + figure].agg(["mean", "min", "max"])
                drawn.append(values)
                axis.plot(values["mean"], f"C{k}", linestyle=style, marker="." if len(values) == 1 else "",
                          label=plain(label) if split == "heldOut" else None)
                if len(ids) > 1:
                    axis.fill_between(values.index, values["min"], values["max"], color=f"C{k}", alpha=0.15)
        all_values = pd.concat(drawn).stack()
        if figure == "Loss" and all_values.max() > 40 * all_values[all_values > 0].min():
            axis.set_yscale("log")
        axis.set_title(figure.lower())
        axis.set_xlabel("epoch")
        axis.grid(alpha=0.3)
    axes[0].yaxis.set_major_formatter("{x:.0%}")
    axes[0].legend()
    plt.show()


def draw_confusion(cell, names):
    """The answers of a cell on the test images: rows are the true classes."""
    counts = confusion[confusion["id"] == cell].pivot(index="label", columns="predicted", values="count").to_numpy()
    _, axis = plt.subplots(figsize=(7, 7), layout="constrained")
    axis.imshow(counts / np.maximum(1, counts.sum(axis=1, keepdims=True)), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count > 0:
            axis.text(column, row, count, ha="center", va="center", color="white" if row == column else "black", size=7)
    names = [plain(name) for name in names]
    axis.set_xticks(range(len(names)), names, rotation=90)
    axis.set_yticks(range(len(names)), names)
    axis.set_xlabel("answer")
    axis.set_ylabel("class")
    plt.show()


def draw_images(images, columns):
    """Images side by side, grey ones inverted."""
    _, axes = plt.subplots(-(-len(images) // columns), columns, figsize=(columns, -(-len(images) // columns)), squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, image in zip(axes.flat, images):
        axis.imshow(image.squeeze(), cmap="gray_r", vmin=0, vmax=255)
    plt.show()`;
