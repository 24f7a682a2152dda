/** What models are written in: plain layers, and residual blocks y = x + layers(x), whose layers keep the shape (He et al., 2016). */
import type { z } from "zod";
import { tableSchema, type Zod } from "../family.js";
import { PLAIN_LAYERS, type LayerSpec } from "../layers/table.js";

export const blockSchema = (z: Zod) => {
  const plain = tableSchema(z, PLAIN_LAYERS);
  const residual = z
    .strictObject({
      kind: z.literal("residual"),
      layers: z.array(plain).min(1).max(64).describe("Plain layers, which together keep the shape."),
    })
    .describe("A residual block, x + layers(x) (He et al., 2016).");
  return z.discriminatedUnion("kind", [...plain.options, residual]);
};

export type BlockSpec = z.output<ReturnType<typeof blockSchema>>;

/** The layers of blocks in a flat list: residual blocks as their layers and an `add`. */
export function flattenBlocks(blocks: BlockSpec[]): LayerSpec[] {
  return blocks.flatMap((block): LayerSpec[] =>
    block.kind === "residual" ? [...block.layers, { kind: "add", span: block.layers.length }] : [block],
  );
}
