/** Parallel coordinates on canvas: one line a cell through its settings and its result. Drag along an axis to filter. */
import type { CellView } from "../data/cells.js";
import { axisValue, categoriesWithin, type ParallelAxis } from "../data/parallel-axes.js";
import { h } from "./dom.js";
import { parallelLayout, type ParallelLayout } from "./parallel-layout.js";
import { cellAt, paintParallel, type Brush, type ParallelView } from "./parallel-picture.js";
import { watchDrawing } from "./watch-drawing.js";

/** What is kept along an axis; null for all of it. */
interface ParallelEvents {
  brush(axis: ParallelAxis, range: [number, number] | null): void;
  brushCategories(axis: ParallelAxis, values: string[] | null): void;
  /** The cell whose line is pointed at; null for none. */
  hover(cell: CellView | null): void;
}

/** A drag shorter than this is a click. */
const CLICK = 5;

export class ParallelPlot {
  readonly element: HTMLElement;
  private readonly canvas = h("canvas", {
    class: "parallel",
    role: "img",
    "aria-label":
      "Parallel coordinates of the cells' settings and results; the filters and ranges above select the same by keyboard, the table below holds the values.",
  });
  private view: ParallelView = { all: [], chosen: [], axes: [], compared: new Set(), lit: new Set(), colour: () => 0 };
  private drag: Brush | null = null;
  /** Drawn only when it is near the view. */
  private near = false;
  private waiting = true;
  private readonly unwatch: () => void;

  constructor(private readonly events: ParallelEvents) {
    const { canvas } = this;
    const frame = { class: "parallel-frame", tabindex: 0, role: "region", "aria-label": "Parallel coordinates" };
    this.element = h("div", frame, canvas);
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.release());
    canvas.addEventListener("pointerleave", () => events.hover(null));
    this.unwatch = watchDrawing(this.element, this.element, {
      near: (is) => {
        this.near = is;
        if (is && this.waiting) this.draw();
      },
      resized: () => this.draw(),
      recoloured: () => this.draw(),
      printing: (is) => {
        if (!is) return;
        this.near = true;
        this.draw();
      },
    });
  }

  update(view: Omit<ParallelView, "lit">): void {
    this.view = { ...view, lit: this.view.lit };
    this.draw();
  }

  /** Draws these cells' lines over all others. */
  light(ids: ReadonlySet<string>): void {
    this.view.lit = ids;
    this.draw();
  }

  destroy(): void {
    this.unwatch();
  }

  private layout(): ParallelLayout {
    return parallelLayout(this.element.clientWidth, this.view.axes.length);
  }

  private draw(): void {
    this.waiting = !this.near;
    if (!this.near || !this.element.isConnected || this.element.clientWidth === 0) return;
    paintParallel(this.canvas, this.layout(), this.view, this.drag);
  }

  private press(event: PointerEvent): void {
    const { left, top } = this.canvas.getBoundingClientRect();
    const axis = this.layout().axisAt(event.clientX - left);
    if (axis < 0 || event.pointerType === "touch") return;
    const y = event.clientY - top;
    this.drag = { axis, from: y, to: y };
    this.canvas.setPointerCapture(event.pointerId);
  }

  private move(event: PointerEvent): void {
    const { left, top } = this.canvas.getBoundingClientRect();
    const y = event.clientY - top;
    if (!this.drag) return this.events.hover(cellAt(this.layout(), this.view, event.clientX - left, y));
    this.drag.to = y;
    this.draw();
  }

  /** Keeps what was dragged along; a click keeps all. */
  private release(): void {
    if (!this.drag) return;
    const { axis: i, from, to } = this.drag;
    this.drag = null;
    const axis = this.view.axes[i];
    const layout = this.layout();
    const [low, high] = [layout.position(Math.max(from, to)), layout.position(Math.min(from, to))];
    const clicked = Math.abs(from - to) < CLICK;
    if (axis.categories) {
      const kept = clicked ? [] : categoriesWithin(axis.categories, low, high);
      this.events.brushCategories(axis, kept.length > 0 ? kept : null);
    } else this.events.brush(axis, clicked ? null : [axisValue(axis, low), axisValue(axis, high)]);
    this.draw();
  }
}
