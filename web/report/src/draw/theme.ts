/** Colours of the drawn parts, read from the style sheet, which holds them for light and dark, for more contrast and for a system's own colours. */
interface Colours {
  text: string;
  muted: string;
  rule: string;
  surface: string;
  series: string[];
}

/** Eight of names; --series-8 … --series-14 are a ramp from small to large, --series-15 is what stands behind. */
const ALL_COLOURS = 16;
const listeners = new Set<() => void>();
let cached: Colours | null = null;

export function colours(): Colours {
  if (cached) return cached;
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  cached = {
    text: read("--text"),
    muted: read("--muted"),
    rule: read("--rule"),
    surface: read("--surface"),
    series: Array.from({ length: ALL_COLOURS }, (_, i) => read(`--series-${i}`)),
  };
  return cached;
}

/** Runs after each change of theme; returns how to stop. */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export type Theme = "light" | "dark";

export function currentTheme(): Theme {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
}

export function setTheme(theme: Theme): void {
  if (document.documentElement.dataset.theme === theme && cached) return;
  document.documentElement.dataset.theme = theme;
  recolour();
}

function recolour(): void {
  cached = null;
  for (const listener of [...listeners]) listener();
}

/** Follows the system's setting until the reader chooses; paper is always light. */
export function startTheme(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
  for (const query of ["(prefers-contrast: more)", "(forced-colors: active)"])
    matchMedia(query).addEventListener("change", recolour);
  let before: Theme = currentTheme();
  addEventListener("beforeprint", () => {
    before = currentTheme();
    setTheme("light");
  });
  addEventListener("afterprint", () => setTheme(before));
}
