/** Made at build by what-if.mjs from the schemas of src/core. */
declare module "virtual:what-if" {
  /** `least` is allowed itself, but for `lr`. */
  interface Bounds {
    least: number;
    most: number;
  }
  const found: {
    /** Specs of all kinds, with their defaults. */
    optimizers: Record<string, { kind: string; lr: number }>;
    bounds: Record<"lr" | "width" | "resnet" | "epochs" | "seed", Bounds>;
  };
  export default found;
}
