// Pooling. Pitches in bytes; `floats` counts the floats of a pixel, a multiple of 4.

export function zero(address: usize, bytes: usize): void {
  memory.fill(address, 0, bytes);
}

/** Where a value takes a maximum's place: it is larger, or NaN. */
// @ts-ignore: decorator
@inline
export function wins(value: v128, best: v128): v128 {
  return v128.or(f32x4.gt(value, best), f32x4.ne(value, value));
}

/** Largest value of each window of high × wide pixels; `winner` takes the winning pixel's byte offset in its window. */
export function maxPoolForward(
  n: i32,
  rows: i32,
  columns: i32,
  floats: i32,
  high: i32,
  wide: i32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  y: usize,
  ySample: usize,
  yRow: usize,
  yPixel: usize,
  winner: usize,
): void {
  const down = <usize>high * xRow,
    across = <usize>wide * xPixel;
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < columns; q++) {
        let corner = x + <usize>s * xSample + <usize>r * down + <usize>q * across;
        let out = y + <usize>s * ySample + <usize>r * yRow + <usize>q * yPixel;
        for (let c = 0; c < floats; c += 4) {
          // The first pixel meets itself, which changes nothing.
          let best = v128.load(corner);
          let at = i32x4.splat(0);
          for (let line: usize = 0; line < down; line += xRow) {
            for (let offset = line; offset < line + across; offset += xPixel) {
              const value = v128.load(corner + offset);
              const larger = wins(value, best);
              best = v128.bitselect(value, best, larger);
              at = v128.bitselect(i32x4.splat(<i32>offset), at, larger);
            }
          }
          v128.store(out, best);
          v128.store(winner, at);
          corner += 16;
          out += 16;
          winner += 16;
        }
      }
    }
  }
}

/** dx = dy at the winning pixels, 0 elsewhere; `dx` is the address of the first sample's storage, `dxOrigin` of its first pixel. */
export function maxPoolBackward(
  n: i32,
  rows: i32,
  columns: i32,
  floats: i32,
  high: i32,
  wide: i32,
  dx: usize,
  dxOrigin: usize,
  dxSample: usize,
  dxRow: usize,
  dxPixel: usize,
  dy: usize,
  dySample: usize,
  dyRow: usize,
  dyPixel: usize,
  winner: usize,
): void {
  memory.fill(dx, 0, <usize>n * dxSample);
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < columns; q++) {
        let corner = dxOrigin + <usize>s * dxSample + <usize>(r * high) * dxRow + <usize>(q * wide) * dxPixel;
        let g = dy + <usize>s * dySample + <usize>r * dyRow + <usize>q * dyPixel;
        for (let c = 0; c < floats; c++) {
          store<f32>(corner + <usize>load<i32>(winner), load<f32>(g));
          corner += 4;
          g += 4;
          winner += 4;
        }
      }
    }
  }
}

/** y[s, c] = Σ over rows × columns pixels / their number */
export function averagePoolForward(
  n: i32,
  rows: i32,
  columns: i32,
  floats: i32,
  x: usize,
  xSample: usize,
  xRow: usize,
  xPixel: usize,
  y: usize,
  ySample: usize,
): void {
  const pixels = f32x4.splat(<f32>(rows * columns));
  const width = <usize>columns * xPixel;
  for (let s = 0; s < n; s++) {
    for (let c: usize = 0; c < (<usize>floats) << 2; c += 16) {
      let sum = f32x4.splat(0);
      let row = x + c;
      for (let r = 0; r < rows; r++) {
        for (let p = row; p < row + width; p += xPixel) sum = f32x4.add(sum, v128.load(p));
        row += xRow;
      }
      v128.store(y + c, f32x4.div(sum, pixels));
    }
    x += xSample;
    y += ySample;
  }
}

/** dx[s, r, q, c] = dy[s, c] / number of pixels */
export function averagePoolBackward(
  n: i32,
  rows: i32,
  columns: i32,
  floats: i32,
  dx: usize,
  dxSample: usize,
  dxRow: usize,
  dxPixel: usize,
  dy: usize,
  dySample: usize,
): void {
  const pixels = f32x4.splat(<f32>(rows * columns));
  const width = <usize>columns * dxPixel;
  for (let s = 0; s < n; s++) {
    for (let c: usize = 0; c < (<usize>floats) << 2; c += 16) {
      const g = f32x4.div(v128.load(dy + c), pixels);
      let row = dx + c;
      for (let r = 0; r < rows; r++) {
        for (let p = row; p < row + width; p += dxPixel) v128.store(p, g);
        row += dxRow;
      }
    }
    dx += dxSample;
    dy += dySample;
  }
}
