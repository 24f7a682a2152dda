/** PNG files. */
import { convertIndexedToRgb, decode } from "fast-png";
import { InputError } from "../../core/input-error.js";
import { readRegular } from "../spec/regular-file.js";
import { failureReason } from "../store/files.js";

/** What a PNG may hold beside its pixels, which deflate makes hardly larger: so none unpacks to more than a few hundred megabytes. */
const MOST_BESIDE = 1 << 18;
const SIGNATURE = "89504e470d0a1a0a0000000d49484452";

export interface Pixels {
  height: number;
  width: number;
  /** 1: grey, 3: red, green and blue. */
  channels: number;
  bytes: Uint8Array;
}

/** Eight bits a value, grey or RGB. @throws InputError where the file is no such picture */
export async function readPng(place: string): Promise<Pixels> {
  const wrong = (why: string): InputError => new InputError(`${place}: ${why}`);
  const file = await readRegular(place, Infinity).catch((error: unknown) => {
    throw wrong(`cannot be read: ${failureReason(error)}; expected a PNG file.`);
  });
  if (file.length < 33 || file.subarray(0, 16).toString("hex") !== SIGNATURE)
    throw wrong("got a file that does not begin as PNG does; save it as PNG again.");
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const raw = width * height * 8;
  if (raw > 2 ** 28)
    throw wrong(`got ${width}×${height} pixels, expected at most ${2 ** 25}; make the images smaller.`);
  if (file.length > 2 * raw + MOST_BESIDE)
    throw wrong(`got ${file.length} bytes for ${width}×${height} pixels, expected fewer; save it as PNG again.`);
  try {
    const png = decode(file, { checkCrc: true });
    if (png.palette) {
      const bytes = convertIndexedToRgb(png);
      return opaque({ height, width, channels: bytes.length / (height * width), bytes }, place);
    }
    if (png.transparency) throw wrong("got transparent pixels, expected opaque ones; save it without transparency.");
    return opaque({ height, width, channels: png.channels, bytes: eightBits(png, place) }, place);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message} ${cause.message}` : message;
    throw wrong(`cannot be decoded (${reason}), expected PNG; it may be cut short or damaged, save it again.`);
  }
}

function eightBits({ data, depth, width, height, channels }: ReturnType<typeof decode>, place: string): Uint8Array {
  if (depth === 8) return Uint8Array.from(data);
  const bytes = new Uint8Array(width * height * channels);
  if (depth === 16) {
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = data[i] >> 8;
      if (bytes[i] * 257 !== data[i])
        throw new InputError(`${place}: got 16 bits a value, expected 8; save it with 8 bits.`);
    }
    return bytes;
  }
  const rowBytes = Math.ceil((width * depth) / 8);
  const most = 2 ** depth - 1;
  for (let i = 0; i < bytes.length; i++) {
    const bit = (i % width) * depth;
    const byte = data[Math.floor(i / width) * rowBytes + (bit >> 3)];
    bytes[i] = (((byte >> (8 - depth - (bit & 7))) & most) * 255) / most;
  }
  return bytes;
}

/** Without the alpha channel, which must say nothing. */
function opaque(pixels: Pixels, place: string): Pixels {
  const { channels, bytes } = pixels;
  if (channels % 2 === 1) return pixels;
  const colours = channels - 1;
  const kept = new Uint8Array((bytes.length / channels) * colours);
  for (let i = 0; i * channels < bytes.length; i++) {
    if (bytes[i * channels + colours] !== 255)
      throw new InputError(`${place}: got transparent pixels, expected opaque ones; save it without transparency.`);
    for (let c = 0; c < colours; c++) kept[i * colours + c] = bytes[i * channels + c];
  }
  return { ...pixels, channels: colours, bytes: kept };
}
