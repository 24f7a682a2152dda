// Entry of the WebAssembly module. All addresses are byte offsets into the one imported memory (the arena);
// the TypeScript side (../kernels.ts) owns every buffer, so nothing here allocates.
export { matmul, matmulTransposed, addColumnSums, transpose } from "./matmul";
export { packConvWeights, packFlippedConvWeights, convolve, convolveWeightGradient } from "./convolution";
export { winogradFilters, winogradForward } from "./winograd";
export {
  packSingleChannel, singleChannelForward, singleChannelWeightGradient,
  windowLists, windowWeightGradient, windowInputGradient, clearHalo,
} from "./conv-relu-pool";
export { rowLists } from "./lists";
export { multiplyRowLists, multiplyColumnLists } from "./sparse";
export { zero, maxPoolForward, maxPoolBackward, reluForward, reluBackward } from "./maps";
export { softmaxCrossEntropy } from "./softmax";
export { sgd, momentum, adam } from "./optimizers";
export { gatherRows } from "./gather";
export { exponentials, log } from "./math";
export { peak } from "./peak";
