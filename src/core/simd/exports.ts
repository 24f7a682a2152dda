/** The functions of the WebAssembly module, as ./assembly/index.ts exports them. Addresses and pitches are in bytes. */
type Call = (...values: number[]) => void;

export interface SimdExports {
  matmul: Call;
  matmulTransposed: Call;
  addColumnSums: Call;
  transpose: Call;
  packConvWeights: Call;
  packFlippedConvWeights: Call;
  convolve: Call;
  zero: Call;
  winogradFilters: Call;
  winogradForward: Call;
  packSingleChannel: Call;
  singleChannelForward: Call;
  singleChannelWeightGradient: Call;
  windowLists: Call;
  windowWeightGradient: Call;
  windowInputGradient: Call;
  clearHalo: Call;
  rowLists: Call;
  multiplyRowLists: Call;
  multiplyColumnLists: Call;
  convolveWeightGradient: Call;
  maxPoolForward: Call;
  maxPoolBackward: Call;
  reluForward: Call;
  reluBackward: Call;
  softmaxCrossEntropy: (...values: number[]) => number;
  sgd: Call;
  momentum: Call;
  adam: Call;
  gatherRows: Call;
  /** For tests and `npm run bench` alone. */
  exponentials: Call;
  log: (x: number) => number;
  peak: (steps: number, x: number, c: number) => number;
}
