import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { nowMs } from "./samples.mjs";

/** Events before those that count: a page that has just been opened is still being compiled. An even number. */
const warmUps = 10;
const viewport = { width: 1360, height: 860 };

/** One browser, signed in. */
export async function openBrowser({ executablePath, address, user }) {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
  const browser = await chromium.launch({ executablePath, args });
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(`${address}/sign-in`);
  await page.getByLabel("Name").fill(user.name);
  await page.getByLabel("Password").fill(user.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  return { browser, page, storageState: await context.storageState() };
}

/** Opens the nodes page and waits until it counts all nodes; resolves with how many rows are in the document. */
export async function openNodes(page, address, count) {
  await page.goto(`${address}/nodes`);
  await page.getByText(`${count.toLocaleString("en")} nodes`, { exact: true }).waitFor();
  await page.locator("tr[data-row]").first().waitFor();
  return page.locator("tr[data-row]").count();
}

/**
 * From the moment the simulated node is told until the row of that node says so. The node's etcd goes down and comes back by
 * turns, which a control plane reports in its machine status. Pauses vary, so that no timer of ours keeps step with one of the console.
 */
export async function eventsToDom({ page, controlUrl, node, samples }) {
  await page.evaluate((name) => {
    const table = document.querySelector("table");
    const column = [...table.querySelectorAll("thead th")].findIndex((head) => head.textContent.includes("Status"));
    const words = () => {
      const row = [...table.querySelectorAll("tr[data-row]")].find(
        (other) => other.querySelector("[data-row-link]")?.textContent === name,
      );
      return row?.cells[column]?.textContent ?? null;
    };
    globalThis.benchWords = words();
    new MutationObserver(() => {
      const text = words();
      if (text === null || text === globalThis.benchWords) return;
      globalThis.benchWords = text;
      globalThis.benchChangedMs ??= performance.timeOrigin + performance.now();
    }).observe(table, { subtree: true, childList: true, characterData: true });
  }, node);
  const delays = [];
  for (let index = -warmUps; index < samples; index += 1) {
    await page.waitForTimeout(300 + Math.random() * 200);
    await page.evaluate(() => (globalThis.benchChangedMs = undefined));
    const down = index % 2 === 0;
    const toldMs = nowMs();
    const response = await fetch(down ? `${controlUrl}/faults` : `${controlUrl}/faults?node=${node}`, {
      method: down ? "POST" : "DELETE",
      ...(down && { body: JSON.stringify({ node, fault: "etcd-member-lost" }) }),
    });
    if (!response.ok) throw new Error(`The simulator refused: ${await response.text()}`);
    const changed = await page.waitForFunction(() => globalThis.benchChangedMs, null, { timeout: 30_000, polling: 50 });
    if (index >= 0) delays.push((await changed.jsonValue()) - toldMs);
  }
  return delays;
}

/** Frame times while the page scrolls through all rows, about 180 px a frame. */
export function scrollFrames(page) {
  return page.evaluate(async () => {
    const frames = [];
    const end = document.documentElement.scrollHeight - window.innerHeight;
    const stepPx = Math.max(180, end / 240);
    let lastMs = await new Promise(requestAnimationFrame);
    for (let top = 0; top < end; top += stepPx) {
      window.scrollTo(0, top);
      const atMs = await new Promise(requestAnimationFrame);
      frames.push(atMs - lastMs);
      lastMs = atMs;
    }
    const blank = document.querySelectorAll("tr[data-row]").length === 0;
    window.scrollTo(0, 0);
    if (blank) throw new Error("no rows are drawn after scrolling");
    return frames;
  });
}

/** From each key press in the search field to the next frame, as the browser's event timing tells it (in steps of 8 ms). */
export async function typingDelays(page) {
  await page.evaluate(() => {
    globalThis.benchKeys = [];
    new PerformanceObserver((entries) => {
      for (const { name, duration } of entries.getEntries())
        if (name === "keydown") globalThis.benchKeys.push(duration);
    }).observe({ type: "event", durationThreshold: 16 });
  });
  const field = page.locator("main input").first();
  await field.focus();
  const text = "node-01";
  for (let round = 0; round < 3; round += 1) {
    for (const key of text) await page.keyboard.press(key, { delay: 30 });
    for (const _ of text) await page.keyboard.press("Backspace", { delay: 30 });
  }
  await page.waitForTimeout(500);
  const slow = await page.evaluate(() => globalThis.benchKeys);
  // What is quicker than the threshold is not told.
  const quick = Math.max(0, text.length * 6 - slow.length);
  return [...Array.from({ length: quick }, () => 16), ...slow];
}

/** gzip bytes of the scripts that a page asks for until its load event, with an empty cache. */
export async function firstLoadBytes({ browser, storageState, url }) {
  const context = await browser.newContext({ viewport, storageState });
  try {
    const page = await context.newPage();
    const scripts = new Map();
    let loaded = false;
    page.on("request", (request) => {
      if (!loaded && request.resourceType() === "script") scripts.set(request.url(), request);
    });
    await page.goto(url, { waitUntil: "load", timeout: 120_000 });
    loaded = true;
    let bytes = 0;
    for (const request of scripts.values()) {
      const response = await request.response();
      if (response) bytes += gzipSync(await response.body()).length;
    }
    return bytes;
  } finally {
    await context.close();
  }
}
