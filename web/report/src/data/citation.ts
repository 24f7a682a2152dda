/** How to cite a page: its sweep, the program's version, and the data behind it. */
import type { PageData } from "./page-data.js";

/** Digits of the data's digest that tell one data set from another. */
const DIGITS = 16;

/** Text inside braces, in which TeX sees nothing but letters. */
function texText(text: string): string {
  return text.replace(/[\\{}]/g, "").replace(/[#$%&_^~]/g, "\\$&");
}

/** A BibTeX entry. @param version of the program */
export function bibtex(
  { sweep, dataset, dataDigest, engineVersion }: PageData,
  title: string,
  version: string,
): string {
  const fields = {
    title: `{${texText(title)}}`,
    howpublished: `Handgrad ${version}, sweep ${texText(sweep)}`,
    note: `Engine version ${engineVersion}; data ${texText(dataset)}, sha256 ${dataDigest.slice(0, DIGITS)}`,
  };
  const lines = Object.entries(fields).map(([name, value]) => `  ${name.padEnd(12)} = {${value}}`);
  return `@misc{handgrad,\n${lines.join(",\n")}\n}`;
}
