/** Headless Chromium for the page's tests, where there is one. */
import fs from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";

const PLACES = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const chromiumPath = PLACES.find((place) => place !== undefined && fs.existsSync(place));

if (!chromiumPath) console.warn("No Chromium found (set CHROMIUM_PATH or install Debian's chromium): the page's browser tests are skipped.");

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export interface View {
  width?: number;
  height?: number;
  dark?: boolean;
}

/** A page whose console errors, exceptions and requests beyond the file system are collected. */
export async function openPage(browser: Browser, view: View = {}): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ viewport: { width: view.width ?? 1280, height: view.height ?? 900 }, colorScheme: view.dark ? "dark" : "light", reducedMotion: "reduce" });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    if (/^(https?|wss?|ftp):/.test(request.url())) problems.push(`request: ${request.url()}`);
  });
  return { page, problems };
}
