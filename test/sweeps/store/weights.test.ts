import { expect, test } from "vitest";
import { weightBytes } from "../../../src/core/training/weight-bytes.js";
import { weightsDigest } from "../../../src/sweeps/store/weights.js";

test("all NaNs are one NaN, and every other bit counts", () => {
  const weights = (...bits: number[]) => new Float32Array(Uint32Array.from(bits).buffer);
  const signalling = weights(0x3f800000, 0xffc12345);
  expect([...weightBytes(signalling)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x7f]);
  expect(weightsDigest(signalling)).toBe(weightsDigest(weights(0x3f800000, 0x7fc00000)));
  expect(weightsDigest(weights(0))).not.toBe(weightsDigest(weights(0x80000000)));
});

test("the digest is sha256 over little-endian floats", () => {
  // printf '\0\0\x80\x3f' | sha256sum
  expect(weightsDigest(Float32Array.of(1))).toBe("e00e5eb9444182f352323374ef4e08ebcb784725fdd4fd612d7730540b3e0c8c");
});
