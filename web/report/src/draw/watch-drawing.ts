/** When what costs time must be drawn: as it comes near the view, with its size and the theme, and before printing. */
import { onThemeChange } from "./theme.js";

interface Drawing {
  /** It comes near the view, or leaves it. */
  near(is: boolean): void;
  resized?(): void;
  recoloured?(): void;
  /** Before printing, when all must be there, and after it. */
  printing(is: boolean): void;
}

/** Tells a drawing of these until it is stopped by what is returned. @param box where the drawing takes its size from */
export function watchDrawing(element: HTMLElement, box: HTMLElement, drawing: Drawing): () => void {
  const seen = new IntersectionObserver((entries) => drawing.near(entries.some((entry) => entry.isIntersecting)), {
    rootMargin: "400px",
  });
  seen.observe(element);
  const sized = new ResizeObserver(() => drawing.resized?.());
  sized.observe(box);
  const stopTheme = onThemeChange(() => drawing.recoloured?.());
  const before = () => drawing.printing(true);
  const after = () => drawing.printing(false);
  addEventListener("beforeprint", before);
  addEventListener("afterprint", after);
  return () => {
    seen.disconnect();
    sized.disconnect();
    stopTheme();
    removeEventListener("beforeprint", before);
    removeEventListener("afterprint", after);
  };
}
