/** Where labels of a column stand, so that none lies over another. */

/**
 * Places texts in a column, none over another, with the least sum of squared distances to where they are wanted.
 * @param wanted middles, in any order @param height of a text @param low,high ends of the room; texts that it cannot hold overlap at its end
 */
export function spreadOut(wanted: readonly number[], height: number, low: number, high: number): number[] {
  interface Block {
    members: number[];
    /** Sum of where each wants the block's first middle. */
    sum: number;
    first: number;
  }
  const settle = (block: Block): Block => {
    const last = high - height / 2 - (block.members.length - 1) * height;
    return { ...block, first: Math.max(low + height / 2, Math.min(last, block.sum / block.members.length)) };
  };
  const blocks: Block[] = [];
  for (const i of wanted.map((_, k) => k).sort((a, b) => wanted[a] - wanted[b])) {
    let block = settle({ members: [i], sum: wanted[i], first: 0 });
    for (let before = blocks.at(-1); before && before.first + before.members.length * height > block.first;) {
      const shift = before.members.length * height * block.members.length;
      block = settle({ members: [...before.members, ...block.members], sum: before.sum + block.sum - shift, first: 0 });
      blocks.pop();
      before = blocks.at(-1);
    }
    blocks.push(block);
  }
  const out = new Array<number>(wanted.length).fill(NaN);
  for (const { members, first } of blocks) members.forEach((i, n) => (out[i] = first + n * height));
  return out;
}
