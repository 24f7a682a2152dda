/** Made at build by formulas.mjs: MathML by name. */
declare module "virtual:formulas" {
  const formulas: Record<string, string>;
  export default formulas;
}
