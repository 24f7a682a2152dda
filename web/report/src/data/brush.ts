/** A round brush on the pixels of an image. */

export interface Point {
  /** In pixels, from the image's left and upper edge. */
  x: number;
  y: number;
}

/** How far a brush covers each pixel, from 0 to 1: a stroke passes a pixel as often as it likes and inks it once. */
export class Cover {
  private readonly share: Float32Array;

  constructor(
    private readonly width: number,
    private readonly height: number,
  ) {
    this.share = new Float32Array(width * height);
  }

  /** Moves the brush in a straight line. */
  sweep(from: Point, to: Point, radius: number): void {
    const reach = radius + 1;
    const [left, right] = [Math.min(from.x, to.x) - reach, Math.max(from.x, to.x) + reach];
    const [top, bottom] = [Math.min(from.y, to.y) - reach, Math.max(from.y, to.y) + reach];
    for (let y = Math.max(0, Math.floor(top)); y < Math.min(this.height, bottom); y++)
      for (let x = Math.max(0, Math.floor(left)); x < Math.min(this.width, right); x++) {
        const share = radius + 0.5 - distance({ x: x + 0.5, y: y + 0.5 }, from, to);
        const i = y * this.width + x;
        this.share[i] = Math.max(this.share[i], Math.min(1, share));
      }
  }

  /** Inks an image where the brush has been. @param before the image without the stroke @param ink a value a channel */
  paint(image: Uint8Array, before: Uint8Array, ink: ArrayLike<number>): void {
    const channels = ink.length;
    for (let i = 0; i < image.length; i++) {
      const share = this.share[Math.floor(i / channels)];
      image[i] = Math.round(before[i] + share * (ink[i % channels] - before[i]));
    }
  }
}

/** From a point to the line between two others. */
function distance({ x, y }: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const squared = dx * dx + dy * dy;
  const along = squared > 0 ? ((x - from.x) * dx + (y - from.y) * dy) / squared : 0;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - from.x - t * dx, y - from.y - t * dy);
}
