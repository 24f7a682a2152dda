/** Moves a chart's cursor by keyboard. */

interface KeyTarget {
  length(): number;
  /** Visible series, in order. */
  series(): number[];
  has(index: number, series: number): boolean;
  move(index: number, series: number): void;
  open(index: number, series: number): void;
  zoom(index: number, factor: number): void;
  reset(): void;
  leave(): void;
}

export function attachKeys(plot: HTMLElement, target: KeyTarget): void {
  let index = -1;
  let series = -1;
  const settle = () => {
    const all = target.series();
    if (!all.includes(series)) series = all[0] ?? -1;
    index = Math.min(Math.max(index, 0), target.length() - 1);
  };
  const step = (by: number) => {
    if (index < 0 && by > 0) index = -1;
    const size = target.length();
    let next = index + by;
    while (next >= 0 && next < size && !target.has(next, series)) next += Math.sign(by);
    if (next >= 0 && next < size) index = next;
  };
  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const first = index < 0;
    settle();
    if (series < 0 || index < 0) return;
    const all = target.series();
    const at = all.indexOf(series);
    switch (event.key) {
      case "ArrowRight":
        if (!first) step(event.shiftKey ? 10 : 1);
        break;
      case "ArrowLeft":
        if (!first) step(event.shiftKey ? -10 : -1);
        break;
      case "ArrowDown":
        series = all[(at + 1) % all.length];
        break;
      case "ArrowUp":
        series = all[(at - 1 + all.length) % all.length];
        break;
      case "Home":
        index = -1;
        step(1);
        break;
      case "End":
        index = target.length();
        step(-1);
        break;
      case "Enter":
      case " ":
        target.open(index, series);
        break;
      case "+":
      case "=":
        target.zoom(index, 0.5);
        break;
      case "-":
        target.zoom(index, 2);
        break;
      case "0":
        target.reset();
        break;
      default:
        return;
    }
    event.preventDefault();
    target.move(index, series);
  });
  plot.addEventListener("blur", () => target.leave());
}
