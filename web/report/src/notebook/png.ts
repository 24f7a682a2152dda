/** Images side by side as one PNG. Its data are stored, not packed: the same pixels are the same bytes everywhere. */
import type { ImageSize } from "../../../../src/core/kernels/shape.js";

/** Pixels between two images. */
const GAP = 2;
/** Longest stored block of a zlib stream. */
const BLOCK = 65_535;

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

const word = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);

function chunk(name: string, data: readonly number[]): number[] {
  const body = [...[...name].map((c) => c.charCodeAt(0)), ...data];
  let crc = 0xffffffff;
  for (const byte of body) crc = CRC[(crc ^ byte) & 255] ^ (crc >>> 8);
  return [...word(data.length), ...body, ...word(crc ^ 0xffffffff)];
}

/** A zlib stream of stored blocks (RFC 1950, RFC 1951). */
function stored(bytes: Uint8Array): number[] {
  const out = [0x78, 0x01];
  let [a, b] = [1, 0];
  for (let start = 0; start < bytes.length; start += BLOCK) {
    const part = bytes.subarray(start, start + BLOCK);
    const n = part.length;
    out.push(Number(start + n === bytes.length), n & 255, n >>> 8, ~n & 255, (~n >>> 8) & 255);
    for (const byte of part) {
      out.push(byte);
      a = (a + byte) % 65_521;
      b = (b + a) % 65_521;
    }
  }
  return [...out, ...word(b * 65_536 + a)];
}

/**
 * @param images bytes of images of that size, of 1 or 3 channels; grey ones are drawn inverted
 * @param columns images side by side
 * @returns the PNG in base64
 */
export function mosaic(images: readonly Uint8Array[], { width, height, channels }: ImageSize, columns: number): string {
  const rows = Math.ceil(images.length / columns);
  const [across, down] = [columns * (width + GAP) - GAP, rows * (height + GAP) - GAP];
  const stride = 1 + across * channels;
  const bytes = new Uint8Array(down * stride).fill(255);
  for (let y = 0; y < down; y++) bytes[y * stride] = 0;
  for (const [i, image] of images.entries()) {
    const [left, top] = [(i % columns) * (width + GAP), Math.floor(i / columns) * (height + GAP)];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width * channels; x++) {
        const value = image[y * width * channels + x];
        bytes[(top + y) * stride + 1 + left * channels + x] = channels === 1 ? 255 - value : value;
      }
  }
  const png = [
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", [...word(across), ...word(down), 8, channels === 1 ? 0 : 2, 0, 0, 0]),
    ...chunk("IDAT", stored(bytes)),
    ...chunk("IEND", []),
  ];
  return btoa(png.map((byte) => String.fromCharCode(byte)).join(""));
}
