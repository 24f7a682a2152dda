/** How figures read on a terminal, and where the report is. */
import path from "node:path";

/** A fraction as "90.12 %". */
export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)} %`;
}

export function loss(value: number): string {
  return value.toFixed(4);
}

/** What something took, as "12.3 s". */
export function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

/** Seconds, rounded up, as "42 s", "3 min 10 s", "2 h 05 min". */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** @param page the run's own; without one, the page of the latest run shows it */
export function reportAt(page?: string): string {
  return `Report: open ${page === undefined ? "web/report/index.html" : path.resolve(page)}`;
}
