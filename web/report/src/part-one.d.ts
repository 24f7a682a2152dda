/** Made at build by part-one.mjs. Numbers that JSON cannot hold arrive as text ("NaN", "Infinity"). */
declare module "virtual:part-one" {
  type JsonNumber = number | string;
  interface PartOne {
    /** MathML. */
    formulas: Record<string, string>;
    example: {
      X: number[][];
      y: number[];
      w_1: number[][];
      w_2: number[][];
      z_1: number[][];
      z_2: number[];
      y_hat: number[];
    };
    naiveAtZero: JsonNumber;
    stableAtExtreme: JsonNumber;
    lossOverZ: {
      z: number[];
      naive0: JsonNumber[];
      naive1: JsonNumber[];
      stable0: JsonNumber[];
      stable1: JsonNumber[];
    };
    extremes: { y: number; z: number; naive: JsonNumber; stable: JsonNumber }[];
    check: { weight: string; analytic: number; numeric: number; error: number }[];
  }
  const part: PartOne;
  export default part;
}
