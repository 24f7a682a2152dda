/** Headless Firefox for the page's tests, where there is one, driven over WebDriver BiDi. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import WebSocket from "ws";
import { start, type Running } from "../process.js";

const PLACES = [process.env.FIREFOX_PATH, "/usr/bin/firefox-esr", "/usr/bin/firefox"];
export const firefoxPath = PLACES.find((place) => place !== undefined && fs.existsSync(place));

if (!firefoxPath)
  console.warn("No Firefox found (set FIREFOX_PATH or install Debian's firefox-esr): the page is not tried in it.");

interface Message {
  id?: number;
  type: "success" | "error" | "event";
  result?: unknown;
  message?: string;
  method?: string;
  params?: { level?: string; text?: string; context?: string | null; request?: { url: string } };
}

/** One tab of a browser of its own. */
export class Firefox {
  /** Console errors and warnings, exceptions, and requests beyond the file system. */
  readonly problems: string[] = [];
  private readonly answers = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  private sent = 0;
  private context = "";

  private constructor(
    private readonly browser: Running,
    private readonly socket: WebSocket,
  ) {
    socket.on("message", (data: Buffer) => this.hear(JSON.parse(data.toString("utf8")) as Message));
    socket.on("close", () => {
      for (const { reject } of this.answers.values()) reject(new Error("Firefox has gone"));
    });
  }

  /** @param seconds how long it may run */
  static async launch(seconds?: number): Promise<Firefox> {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), "handgrad-firefox-"));
    const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
    const browser = start(args, { program: firefoxPath, env: { HOME: profile }, seconds });
    // The file in the profile that names the port may come after this line.
    const [, server] = await browser.said(/WebDriver BiDi listening on (ws:\S+)/);
    const socket = new WebSocket(`${server}/session`);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const firefox = new Firefox(browser, socket);
    await firefox.send("session.new", { capabilities: {} });
    await firefox.send("session.subscribe", { events: ["log.entryAdded", "network.beforeRequestSent"] });
    const { contexts } = (await firefox.send("browsingContext.getTree", {})) as { contexts: { context: string }[] };
    firefox.context = contexts[0].context;
    return firefox;
  }

  async close(): Promise<void> {
    this.socket.terminate();
    this.browser.signal("SIGKILL");
    await this.browser.finished;
  }

  async open(url: string, width = 1280): Promise<void> {
    await this.send("browsingContext.setViewport", { context: this.context, viewport: { width, height: 900 } });
    await this.send("browsingContext.navigate", { context: this.context, url, wait: "complete" });
  }

  async back(): Promise<void> {
    await this.send("browsingContext.traverseHistory", { context: this.context, delta: -1 });
  }

  /** The value of an expression, or of the promise that it is, by way of JSON. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = (await this.send("script.evaluate", {
      expression: `(async () => JSON.stringify((await (${expression})) ?? null))()`,
      target: { context: this.context },
      awaitPromise: true,
    })) as { type: string; result: { value: string }; exceptionDetails?: { text: string } };
    if (answer.type !== "success") throw new Error(`${expression}: ${answer.exceptionDetails?.text}`);
    return JSON.parse(answer.result.value) as T;
  }

  /** Presses the mouse on the middle of the first such element. */
  async click(selector: string): Promise<void> {
    const [x, y] = await this.evaluate<[number, number]>(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: "center", behavior: "instant" });
      const { left, top, width, height } = element.getBoundingClientRect();
      return [Math.round(left + width / 2), Math.round(top + height / 2)];
    })()`);
    const actions = [
      { type: "pointerMove", x, y },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await this.send("input.performActions", {
      context: this.context,
      actions: [{ type: "pointer", id: "mouse", actions }],
    });
  }

  /** Chooses files in the first such input. */
  async setFiles(selector: string, files: string[]): Promise<void> {
    const locator = { type: "css", value: selector };
    const { nodes } = (await this.send("browsingContext.locateNodes", { context: this.context, locator })) as {
      nodes: { sharedId: string }[];
    };
    await this.send("input.setFiles", { context: this.context, element: { sharedId: nodes[0].sharedId }, files });
  }

  private send(method: string, params: object): Promise<unknown> {
    const id = ++this.sent;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.answers.set(id, { resolve, reject }));
  }

  private hear({ id, type, result, message, method, params }: Message): void {
    if (id !== undefined) {
      const answer = this.answers.get(id);
      this.answers.delete(id);
      if (type === "error") answer?.reject(new Error(message));
      else answer?.resolve(result);
    } else if (method === "log.entryAdded") {
      if (params?.level === "error" || params?.level === "warn") this.problems.push(`console: ${params.text}`);
    } else if (params?.context === this.context && /^(https?|wss?|ftp):/.test(params.request?.url ?? ""))
      this.problems.push(`request: ${params.request?.url}`);
  }
}
