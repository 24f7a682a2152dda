/**
 * One image of rows × columns bytes at `source` to floats in [0, 1] at `x` (rows `xRow` bytes apart).
 * `permutation`, if not 0, is the address of one u32 a pixel: pixel i comes from source[permutation[i]].
 */
export function gatherRows(rows: i32, columns: i32, source: usize, permutation: usize, x: usize, xRow: usize): void {
  const scale: f32 = <f32>(1.0 / 255.0);
  const scale4 = f32x4.splat(scale);
  for (let r = 0; r < rows; r++) {
    let q = x;
    let i = 0;
    if (permutation) {
      for (; i + 4 <= columns; i += 4) {
        let bytes = i32x4.splat(load<u8>(source + load<u32>(permutation)));
        bytes = i32x4.replace_lane(bytes, 1, load<u8>(source + load<u32>(permutation, 4)));
        bytes = i32x4.replace_lane(bytes, 2, load<u8>(source + load<u32>(permutation, 8)));
        bytes = i32x4.replace_lane(bytes, 3, load<u8>(source + load<u32>(permutation, 12)));
        v128.store(q, f32x4.mul(f32x4.convert_i32x4_s(bytes), scale4));
        permutation += 16;
        q += 16;
      }
      for (; i < columns; i++) {
        store<f32>(q, <f32>load<u8>(source + load<u32>(permutation)) * scale);
        permutation += 4;
        q += 4;
      }
    } else {
      for (; i + 4 <= columns; i += 4) {
        const bytes = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(source)));
        v128.store(q, f32x4.mul(f32x4.convert_i32x4_s(bytes), scale4));
        source += 4;
        q += 16;
      }
      for (; i < columns; i++) {
        store<f32>(q, <f32>load<u8>(source) * scale);
        source++;
        q += 4;
      }
    }
    x += xRow;
  }
}
