/** The learning rate of every step of a training. */
import type { ScheduleSpec } from "../config.js";
import { cosine } from "../numeric/math.js";

/** Half a cosine from `from` (at 0) to `to` (at 1). */
function anneal(from: number, to: number, fraction: number): number {
  return to + ((from - to) / 2) * (1 + cosine(Math.PI * fraction));
}

/**
 * The learning rate of a step; without a schedule always the peak. With w = round(warmup · steps), at least 1, the
 * rate rises over the steps 0 to w - 1, is exactly the peak at step w - 1, and falls along half a cosine to
 * `final` · peak, which it has at the last step. It rises
 *   - cosine: linearly, peak · (step + 1) / w (Loshchilov and Hutter, "SGDR", 2017, one period; warm-up of Goyal et al., 2017);
 *   - oneCycle: along half a cosine from `start` · peak (Smith and Topin, "Super-convergence", 2019).
 * Values are PyTorch's CosineAnnealingLR(T_max = steps - 1) and OneCycleLR where warmup · steps is whole.
 *
 * @param peak the optimizer's learning rate
 * @param step 0 to steps - 1
 * @param steps all steps of the training, at least 1
 */
export function learningRate(schedule: ScheduleSpec | undefined, peak: number, step: number, steps: number): number {
  if (!schedule) return peak;
  const top = Math.max(1, Math.round(schedule.warmup * steps)) - 1;
  if (step === top) return peak;
  if (step > top) return anneal(peak, schedule.final * peak, (step - top) / (steps - 1 - top));
  return schedule.kind === "cosine" ? (peak * (step + 1)) / (top + 1) : anneal(schedule.start * peak, peak, step / top);
}
