/**
 * n grey images of rows × columns bytes, `image` bytes apart at `source`, to floats in [0, 1] at `x` (`xSample` bytes from image
 * to image, `xRow` from row to row). `permutation`, if not 0, is the address of one u32 a pixel: pixel i comes from
 * source[permutation[i]].
 */
export function gatherRows(
  n: i32,
  rows: i32,
  columns: i32,
  source: usize,
  image: usize,
  permutation: usize,
  x: usize,
  xSample: usize,
  xRow: usize,
): void {
  const scale: f32 = <f32>(1.0 / 255.0);
  const scale4 = f32x4.splat(scale);
  for (let s = 0; s < n; s++) {
    let p = source,
      from = permutation;
    for (let r = 0; r < rows; r++) {
      let q = x + <usize>r * xRow;
      let i = 0;
      if (permutation) {
        for (; i + 4 <= columns; i += 4) {
          let bytes = i32x4.splat(load<u8>(source + load<u32>(from)));
          bytes = i32x4.replace_lane(bytes, 1, load<u8>(source + load<u32>(from, 4)));
          bytes = i32x4.replace_lane(bytes, 2, load<u8>(source + load<u32>(from, 8)));
          bytes = i32x4.replace_lane(bytes, 3, load<u8>(source + load<u32>(from, 12)));
          v128.store(q, f32x4.mul(f32x4.convert_i32x4_s(bytes), scale4));
          from += 16;
          q += 16;
        }
        for (; i < columns; i++) {
          store<f32>(q, <f32>load<u8>(source + load<u32>(from)) * scale);
          from += 4;
          q += 4;
        }
      } else {
        for (; i + 4 <= columns; i += 4) {
          v128.store(q, scaled(p, scale4));
          p += 4;
          q += 16;
        }
        for (; i < columns; i++) {
          store<f32>(q, <f32>load<u8>(p) * scale);
          p++;
          q += 4;
        }
      }
    }
    source += image;
    x += xSample;
  }
}

/**
 * The same of images of several channels, side by side in a pixel and one image after another at `source`; `xPixel` bytes
 * lie from pixel to pixel. Channels are taken four at a time: at most 3 bytes are read beyond the images, and the
 * channels of a pixel are filled up to a multiple of 4 with zeros.
 */
export function gatherPixels(
  n: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  source: usize,
  permutation: usize,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
): void {
  const scale4 = f32x4.splat(<f32>(1.0 / 255.0));
  // Of the last four channels those that there are.
  const rest = i32x4.splat(channels & 3 ? channels & 3 : 4);
  const mask = i32x4.lt_s(i32x4(0, 1, 2, 3), rest);
  const whole = (channels - 1) & ~3;
  for (let s = 0; s < n; s++) {
    let i = 0;
    for (let r = 0; r < rows; r++) {
      let q = x + <usize>r * xRow;
      for (let column = 0; column < columns; column++, i++) {
        const place = permutation ? load<i32>(permutation + ((<usize>i) << 2)) : i;
        const p = source + <usize>(place * channels);
        for (let c = 0; c < whole; c += 4) v128.store(q + ((<usize>c) << 2), scaled(p + c, scale4));
        v128.store(q + ((<usize>whole) << 2), v128.and(scaled(p + whole, scale4), mask));
        q += xPixel;
      }
    }
    source += <usize>(rows * columns * channels);
    x += xSample;
  }
}

/** Four bytes as floats, times `scale4`. */
// @ts-ignore: decorator
@inline
function scaled(p: usize, scale4: v128): v128 {
  const bytes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(p)));
  return f32x4.mul(f32x4.convert_i32x4_s(bytes), scale4);
}
