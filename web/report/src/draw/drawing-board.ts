/** A board to draw images of a data set on, pixel by pixel as its networks see them. */
import { bytesOf, type ImageSize } from "../../../../src/core/kernels/shape.js";
import { Cover, type Point } from "../data/brush.js";
import { button, h, type Child } from "./dom.js";
import { imageCanvas, redraw } from "./images.js";

/** Steps that can be undone. */
const STEPS = 50;

interface Stroke {
  before: Uint8Array;
  cover: Cover;
  last: Point;
  ink: number[];
}

export class DrawingBoard {
  /** The image, row by row; changes in place. */
  readonly bytes: Uint8Array;
  readonly element: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly past: Uint8Array[] = [];
  private readonly brush: HTMLInputElement;
  private readonly ink: HTMLInputElement;
  private readonly eraser = button("quiet", "Eraser", () => this.useEraser(!this.erases()), {
    "aria-pressed": "false",
  });
  private readonly undoing = button("quiet", "Undo", () => this.undo(), { disabled: true });
  private stroke: Stroke | undefined;

  /**
   * @param paper the value of pixels that nothing is drawn on, 0 or 255
   * @param onChange told of every change, also within a stroke
   */
  constructor(
    private readonly image: ImageSize,
    private readonly paper: number,
    private readonly onChange: () => void,
  ) {
    const { width, height, channels } = image;
    const side = Math.min(width, height);
    this.bytes = new Uint8Array(bytesOf(image)).fill(paper);
    this.canvas = imageCanvas(this.bytes, image, `The image to ask about, ${height} by ${width} pixels`);
    this.canvas.classList.add("board");
    this.brush = h("input", { type: "range", min: 1, max: Math.ceil(side / 3), step: 0.5, value: side / 9 });
    this.ink =
      channels === 3
        ? h("input", { type: "color", value: "#b3261e" })
        : h("input", { type: "range", min: 5, max: 100, value: 90 });
    this.ink.addEventListener("input", () => this.useEraser(false));
    this.listen();
    this.element = h("div", { class: "board-place" }, this.canvas, this.tools());
    this.element.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
        event.preventDefault();
        this.undo();
      }
    });
  }

  /** True within a stroke. */
  get drawing(): boolean {
    return this.stroke !== undefined;
  }

  /** Shows another image, which can be undone. */
  put(bytes: Uint8Array): void {
    this.remember();
    this.bytes.set(bytes);
    this.changed();
  }

  private tools(): HTMLElement {
    const labelled = (name: string, input: HTMLInputElement): Child => h("label", {}, name, input);
    return h(
      "div",
      { class: "board-tools" },
      labelled("Brush", this.brush),
      labelled("Ink", this.ink),
      this.eraser,
      this.undoing,
      button("quiet", "Clear", () => this.put(new Uint8Array(this.bytes.length).fill(this.paper))),
      button("quiet", "Invert", () => this.put(this.bytes.map((value) => 255 - value))),
    );
  }

  private erases(): boolean {
    return this.eraser.getAttribute("aria-pressed") === "true";
  }

  private useEraser(use: boolean): void {
    this.eraser.setAttribute("aria-pressed", String(use));
  }

  private remember(): void {
    this.past.push(this.bytes.slice());
    if (this.past.length > STEPS) this.past.shift();
  }

  private undo(): void {
    const before = this.past.pop();
    if (!before || this.stroke) return;
    this.bytes.set(before);
    this.changed();
  }

  private changed(): void {
    this.undoing.disabled = this.past.length === 0;
    redraw(this.canvas);
    this.onChange();
  }

  private listen(): void {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.stroke) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      this.remember();
      const cover = new Cover(this.image.width, this.image.height);
      this.stroke = { before: this.bytes.slice(), cover, last: this.pointOf(event), ink: this.inkValues() };
      this.draw(event);
    });
    canvas.addEventListener("pointermove", (event) => this.draw(event));
    // Also where the browser takes the pointer away.
    canvas.addEventListener("lostpointercapture", () => {
      if (!this.stroke) return;
      this.stroke = undefined;
      this.onChange();
    });
  }

  /** Along all places where the pointer has been since the last event. */
  private draw(event: PointerEvent): void {
    const { stroke } = this;
    if (!stroke) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const place of passed.length > 0 ? passed : [event]) {
      const to = this.pointOf(place);
      // A pen draws as broadly as it is pressed.
      const pressed = place.pointerType === "pen" ? 2 * place.pressure : 1;
      stroke.cover.sweep(stroke.last, to, (pressed * Number(this.brush.value)) / 2);
      stroke.last = to;
    }
    stroke.cover.paint(this.bytes, stroke.before, stroke.ink);
    this.changed();
  }

  private pointOf({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    return { x: ((clientX - left) / width) * this.image.width, y: ((clientY - top) / height) * this.image.height };
  }

  /** A value a channel. */
  private inkValues(): number[] {
    const { channels } = this.image;
    if (this.erases()) return new Array<number>(channels).fill(this.paper);
    if (channels === 3) return [1, 3, 5].map((at) => parseInt(this.ink.value.slice(at, at + 2), 16));
    const share = Number(this.ink.value) / 100;
    return new Array<number>(channels).fill(Math.round(this.paper + share * (255 - 2 * this.paper)));
  }
}
