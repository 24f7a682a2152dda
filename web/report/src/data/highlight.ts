/** TypeScript as markup. */

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Comments, strings, numbers and keywords in spans, and each line in one that knows its indentation. */
export function highlight(source: string): string {
  const token =
    /(\/\*[\s\S]*?\*\/|\/\/[^\n]*)|("(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)|\b(export|function|const|let|for|of|if|else|continue|return|yield|this|private|null|undefined|true|false|new|type|interface|number|void)\b|\b(\d[\w.]*)\b/g;
  const html: string[] = [];
  let at = 0;
  for (const match of source.matchAll(token)) {
    html.push(escapeHtml(source.slice(at, match.index)));
    const kind = match[1] ? "comment" : match[2] ? "string" : match[3] ? "keyword" : "number";
    const parts = match[0].split("\n").map((part) => `<span class="code-${kind}">${escapeHtml(part)}</span>`);
    html.push(parts.join("\n"));
    at = match.index + match[0].length;
  }
  html.push(escapeHtml(source.slice(at)));
  const indents = source.split("\n").map((line) => Math.min(4, Math.floor(line.search(/[^ ]|$/) / 2)));
  return html
    .join("")
    .split("\n")
    .map((line, i) => `<span class="line in-${indents[i]}">${line}\n</span>`)
    .join("");
}
