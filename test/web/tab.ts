/** A tab of either browser, driven alike. */
import { chromiumPath, launch, openPage } from "./browser.js";
import { Firefox, firefoxPath } from "./firefox.js";
import type { Page } from "playwright-core";

export interface Tab {
  /** Console errors and warnings, exceptions, and requests beyond the file system. */
  readonly problems: string[];
  open(url: string, width?: number): Promise<void>;
  /** The value of an expression, or of the promise that it is, by way of JSON. */
  evaluate<T>(expression: string): Promise<T>;
  /** Presses the mouse on the middle of the first such element. */
  click(selector: string): Promise<void>;
  /** Chooses files in the first such input. */
  setFiles(selector: string, files: string[]): Promise<void>;
  close(): Promise<void>;
}

export class Chromium implements Tab {
  private constructor(
    readonly page: Page,
    readonly problems: string[],
  ) {}

  /** A browser of its own. */
  static async launch(): Promise<Chromium> {
    const { page, problems } = await openPage(await launch());
    return new Chromium(page, problems);
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
  }

  evaluate<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(expression);
  }

  click(selector: string): Promise<void> {
    return this.page.locator(selector).first().click();
  }

  setFiles(selector: string, files: string[]): Promise<void> {
    return this.page.locator(selector).first().setInputFiles(files);
  }

  async close(): Promise<void> {
    await this.page.context().browser()?.close();
  }
}

/** The browsers that are here, by name. */
type Launch = (seconds?: number) => Promise<Tab>;
export const BROWSERS: [name: string, launch: Launch][] = [
  ...(chromiumPath ? [["Chromium", () => Chromium.launch()] as [string, Launch]] : []),
  ...(firefoxPath ? [["Firefox", (seconds) => Firefox.launch(seconds)] as [string, Launch]] : []),
];
