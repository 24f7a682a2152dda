import { roundUp } from "../numeric/math.js";

/** Height and width of an image in pixels, and its channels: 1 is grey. */
export interface ImageSize {
  height: number;
  width: number;
  channels: number;
}

/** Bytes of an image, one a value. */
export const bytesOf = ({ height, width, channels }: ImageSize): number => height * width * channels;

/** Shape of one sample between two layers; `pitch` floats lie between neighbouring pixels. */
export type Shape = ({ kind: "image"; pitch: number } & ImageSize) | { kind: "vector"; size: number };

/** An image between two layers: channels are padded to a multiple of four. */
export const imageShape = (height: number, width: number, channels: number): Shape & { kind: "image" } => ({
  kind: "image",
  height,
  width,
  channels,
  pitch: roundUp(channels, 4),
});

/** What enters a network: the pixels of grey images lie side by side, unpadded. */
export const inputShape = ({ height, width, channels }: ImageSize): Shape => ({
  ...imageShape(height, width, channels),
  ...(channels === 1 ? { pitch: 1 } : {}),
});

/** Channels of an image, elements of a vector: what is normalised one by one. */
export const channelsOf = (shape: Shape): number => (shape.kind === "image" ? shape.channels : shape.size);

/** Values of each of them that a sample has. */
export const pixelsOf = (shape: Shape): number => (shape.kind === "image" ? shape.height * shape.width : 1);

/** Values of a sample. */
export const sizeOf = (shape: Shape): number => channelsOf(shape) * pixelsOf(shape);

/** "an image of 28×28×16", "a vector of 100". */
export const inWords = (shape: Shape): string =>
  shape.kind === "image" ? `an image of ${shape.height}×${shape.width}×${shape.channels}` : `a vector of ${shape.size}`;

/** Elements of a tensor of that shape. */
export const elementsOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
