/** Made at build by words.mjs from web/report/words. */
declare module "virtual:words" {
  interface Words {
    /** Number in the homework, such as "2.3". */
    number?: string;
    title: string;
    /** The question, as markup. */
    asked?: string;
    /** Markup by name; "body" is the section's text. */
    texts: Record<string, string>;
  }
  const words: Record<string, Words>;
  export default words;
}
/** The program's version, out of package.json. */
declare module "virtual:version" {
  const version: string;
  export default version;
}
