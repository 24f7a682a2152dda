/** Made at build by code.mjs from src/core. */
declare module "virtual:code" {
  /** By name of the declaration. */
  const shown: Record<string, { file: string; text: string }>;
  export default shown;
}
