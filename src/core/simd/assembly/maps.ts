// Element-wise layers and pooling. Pitches in bytes; `floats` counts the floats of a pixel, a multiple of 4 (or 1).

export function zero(address: usize, bytes: usize): void {
  memory.fill(address, 0, bytes);
}

/** y = max(x, 0) over floats (a multiple of 4); NaN stays NaN: pmax keeps its first operand unless it is smaller. */
export function reluForward(floats: i32, x: usize, y: usize): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i < floats; i += 4) {
    v128.store(y, f32x4.pmax(v128.load(x), zero));
    x += 16;
    y += 16;
  }
}

/** dx = dy where y > 0, else 0 */
export function reluBackward(floats: i32, y: usize, dy: usize, dx: usize): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i < floats; i += 4) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
    y += 16;
    dy += 16;
    dx += 16;
  }
}

/** Largest value of each size × size window; `winner` takes the winning pixel's byte offset in its window. */
export function maxPoolForward(
  n: i32, rows: i32, columns: i32, floats: i32, size: i32,
  x: usize, xSample: usize, xRow: usize, xPixel: usize, y: usize, ySample: usize, yRow: usize, yPixel: usize, winner: usize,
): void {
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < columns; q++) {
        const corner = x + <usize>s * xSample + <usize>(r * size) * xRow + <usize>(q * size) * xPixel;
        const out = y + <usize>s * ySample + <usize>r * yRow + <usize>q * yPixel;
        for (let c = 0; c < floats; c += 4) {
          const channel = <usize>c << 2;
          let best = v128.load(corner + channel);
          let at = i32x4.splat(0);
          for (let k = 1; k < size * size; k++) {
            const offset = <usize>(k / size) * xRow + <usize>(k % size) * xPixel;
            const value = v128.load(corner + offset + channel);
            const larger = f32x4.gt(value, best);
            best = v128.bitselect(value, best, larger);
            at = v128.bitselect(i32x4.splat(<i32>offset), at, larger);
          }
          v128.store(out + channel, best);
          v128.store(winner, at);
          winner += 16;
        }
      }
    }
  }
}

/** dx = dy at the winning pixels, 0 elsewhere; `dx` is the address of the first sample's storage, `dxBytes` of one sample. */
export function maxPoolBackward(
  n: i32, rows: i32, columns: i32, floats: i32, size: i32,
  dx: usize, dxOrigin: usize, dxSample: usize, dxRow: usize, dxPixel: usize, dy: usize, dySample: usize, dyRow: usize, dyPixel: usize, winner: usize,
): void {
  memory.fill(dx, 0, <usize>n * dxSample);
  for (let s = 0; s < n; s++) {
    for (let r = 0; r < rows; r++) {
      for (let q = 0; q < columns; q++) {
        let corner = dxOrigin + <usize>s * dxSample + <usize>(r * size) * dxRow + <usize>(q * size) * dxPixel;
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
