// A notebook in a browser, as a reader meets it.

import { join, resolve } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { type JupyterServer, startJupyter } from "./jupyter_server.ts";

/** The two front ends, by the address of a notebook. */
export const frontEnds = { "JupyterLab": "lab/tree", "Notebook 7": "notebooks" } as const;

/** Name of a front end. */
export type FrontEnd = keyof typeof frontEnds;

const SCREENSHOTS = resolve(import.meta.dirname!, "../../runs/screenshots");

/** Opens the browser that `deno task test:browser` found. */
export function openBrowser(): Promise<Browser> {
  const executablePath = Deno.env.get("BRAID_CHROMIUM");
  if (!executablePath) throw new Error("Expected BRAID_CHROMIUM to name Chromium: run deno task test:browser");
  return chromium.launch({ executablePath, args: Deno.uid() === 0 ? ["--no-sandbox"] : [] });
}

/** A Jupyter server and a browser that opens its notebooks. */
export interface Jupyter {
  readonly server: JupyterServer;
  /** Opens a notebook and waits for its kernel. */
  open(frontEnd: FrontEnd, name: string): Promise<NotebookPage>;
}

/** Starts Jupyter and a browser before the first test of the file that calls this, and ends them after the last. */
export function startBeforeTests(): Jupyter {
  let server: JupyterServer, browser: Browser;
  Deno.test.beforeAll(async () => {
    [server, browser] = await Promise.all([startJupyter(), openBrowser()]);
  });
  Deno.test.afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });
  return {
    get server() {
      return server;
    },
    open: (frontEnd, name) => NotebookPage.open(browser, server, frontEnd, name),
  };
}

/** An open notebook. */
export class NotebookPage implements AsyncDisposable {
  /** What the page has reported as errors since it was opened or since {@linkcode runAll}. */
  errors: string[] = [];

  private constructor(readonly page: Page) {
    page.on("console", (message) => message.type() === "error" && this.errors.push(message.text()));
    page.on("pageerror", (error) => this.errors.push(error.message));
  }

  /** Opens a notebook of the server and waits for its kernel. */
  static async open(browser: Browser, server: JupyterServer, frontEnd: FrontEnd, name: string): Promise<NotebookPage> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    const opened = new NotebookPage(page);
    await page.goto(server.address(`${frontEnds[frontEnd]}/${name}`));
    await page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell").first().waitFor({ timeout: 60_000 });
    await opened.kernelIsIdle();
    return opened;
  }

  /** Waits until the notebook has its kernel and that has nothing to do. */
  async kernelIsIdle(): Promise<void> {
    await this.page.getByText("Deno (Braid)").filter({ visible: true }).first().waitFor({ timeout: 90_000 });
    for (let idle = 0; idle < 3;) { // the indicator says idle for a moment before the kernel is connected
      await new Promise((resume) => setTimeout(resume, 300));
      idle = await this.page.locator("[data-status=idle]").count() > 0 ? idle + 1 : 0;
    }
  }

  /** Chooses a command of a menu. */
  async choose(menu: string, command: string): Promise<void> {
    await this.page.getByRole("menuitem", { name: menu, exact: true }).first().click();
    await this.page.getByRole("menuitem", { name: command }).first().click();
  }

  /** Runs all cells and waits until each has its number. */
  async runAll(): Promise<void> {
    this.errors = [];
    const count = await this.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell").count();
    const begun = this.cell(0).locator(".jp-InputPrompt", { hasText: /\[[\d*]+\]/ });
    for (let tries = 0, running = false; tries < 6 && !running; tries++) {
      await this.choose("Run", "Run All Cells"); // JupyterLab ignores it while the kernel is not connected
      running = await begun.waitFor({ timeout: 10_000 }).then(() => true, () => false);
    }
    await this.cell(count - 1).locator(".jp-InputPrompt", { hasText: /\[\d+\]/ }).waitFor({ timeout: 120_000 });
  }

  /** What each code cell shows in the page, outputs one after another. */
  async outputTexts(): Promise<string[]> {
    const cells = this.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell");
    return await cells.evaluateAll((cells) =>
      cells.map((cell) =>
        Array.from(cell.querySelectorAll(".jp-OutputArea-output"), (output) => output.textContent).join("\n")
      )
    );
  }

  /** Calls a function and measures for how many milliseconds, at most, the page did nothing else meanwhile. */
  async longestPause(run: () => Promise<void>): Promise<number> {
    await this.page.evaluate(() => {
      let last = performance.now();
      const pauses = { longest: 0 };
      Object.assign(globalThis, { pauses });
      setInterval(() => {
        const now = performance.now();
        pauses.longest = Math.max(pauses.longest, now - last);
        last = now;
      }, 50);
    });
    await run();
    return await this.page.evaluate(() => (globalThis as unknown as { pauses: { longest: number } }).pauses.longest);
  }

  /** Saves the notebook and waits until that is done. */
  async save(): Promise<void> {
    const saved = this.page.waitForResponse((response) =>
      response.request().method() === "PUT" && response.url().includes("/api/contents/")
    );
    await this.choose("File", "Save Notebook");
    const response = await saved;
    if (!response.ok()) throw new Error(`Expected the notebook to be saved, got status ${response.status()}`);
  }

  /** A code cell, counted from 0. */
  cell(index: number): Locator {
    return this.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell").nth(index);
  }

  /** Writes text at the end of a code cell. */
  async write(index: number, text: string): Promise<void> {
    await this.cell(index).locator(".cm-line").last().click();
    await this.page.keyboard.press("End");
    await this.page.keyboard.type(text);
  }

  /** Presses a key, again if need be, until something shows: the compiler answers once it has started. */
  async pressUntil(key: string, shown: Locator): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      await this.page.keyboard.press(key);
      if (await shown.waitFor({ timeout: 3_000 }).then(() => true, () => false)) return;
    }
    throw new Error(`Expected ${shown} to show after ${key}, got nothing in 60 s`);
  }

  /** Moves the pointer to the middle of a mark, over whatever lies on it. */
  async pointAt(mark: Locator): Promise<void> {
    await mark.waitFor({ timeout: 60_000 });
    await mark.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await mark.boundingBox())!;
    await this.page.mouse.move(x + width / 2 - 1, y + height / 2);
    await this.page.mouse.move(x + width / 2, y + height / 2);
  }

  /** Keeps a picture of the page for those who want to see. */
  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  /** Keeps a picture of one part of the page. */
  async screenshotOf(part: Locator, name: string): Promise<void> {
    await part.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }

  /** Closes the page; a picture of it as it was at last shows why a test failed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.screenshot("last");
    await this.page.close();
  }
}
