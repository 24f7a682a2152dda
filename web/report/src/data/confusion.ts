/** What a confusion matrix says, class by class. confusion[label][predicted] counts test images. */
import { largest } from "../../../../src/core/numeric/extremes.js";

interface ClassAccuracy {
  label: number;
  /** Fraction of the class's images that were recognised. */
  recall: number;
  /** Fraction of the answers "this class" that were right; NaN when it was never answered. */
  precision: number;
  images: number;
}

export function classAccuracies(confusion: readonly (readonly number[])[]): ClassAccuracy[] {
  return confusion.map((row, label) => {
    const images = row.reduce((sum, n) => sum + n, 0);
    const answers = confusion.reduce((sum, other) => sum + (other[label] ?? 0), 0);
    return {
      label,
      recall: images > 0 ? row[label] / images : NaN,
      precision: answers > 0 ? row[label] / answers : NaN,
      images,
    };
  });
}

/** The most frequent wrong answers, most frequent first; ties by label, then answer. */
export function confusedPairs(
  confusion: readonly (readonly number[])[],
  limit: number,
): { label: number; predicted: number; count: number }[] {
  return confusion
    .flatMap((row, label) => row.map((count, predicted) => ({ label, predicted, count })))
    .filter((pair) => pair.label !== pair.predicted && pair.count > 0)
    .sort((a, b) => b.count - a.count || a.label - b.label || a.predicted - b.predicted)
    .slice(0, limit);
}

/** The answer given most often, and for how many of the images. */
export function commonestAnswer(confusion: readonly (readonly number[])[]): {
  label: number;
  answers: number;
  images: number;
} {
  const answers = confusion.map((_, label) => confusion.reduce((sum, row) => sum + (row[label] ?? 0), 0));
  const most = largest(answers, 0);
  return { label: answers.indexOf(most), answers: most, images: answers.reduce((sum, n) => sum + n, 0) };
}

/** Several networks' answers in one matrix; those without one add nothing. */
export function summedConfusion(matrices: readonly (readonly (readonly number[])[])[]): number[][] {
  const [first = [], ...rest] = matrices.filter((matrix) => matrix.length > 0);
  return first.map((row, label) => row.map((n, k) => rest.reduce((sum, matrix) => sum + (matrix[label]?.[k] ?? 0), n)));
}

/** The second matrix minus the first; null where they are not of the same images, class by class. */
export function confusionDifference(
  first: readonly (readonly number[])[],
  second: readonly (readonly number[])[],
): number[][] | null {
  const images = (matrix: readonly (readonly number[])[]) =>
    matrix.map((row) => row.reduce((sum, n) => sum + n, 0)).join();
  if (first.length === 0 || images(first) !== images(second)) return null;
  return second.map((row, label) => row.map((n, k) => n - (first[label][k] ?? 0)));
}
