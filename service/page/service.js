// The service's API: keys, problems, and waiting while it is busy.

const KEY = "frameline-key";
const BUSY = new Set([429, 503]);
const TRIES = 6;
const DEFAULT_WAIT = 5; // seconds

export class Problem extends Error {
  constructor(title, lines = [], status = 0) {
    super(title);
    this.lines = lines;
    this.status = status;
  }
}

let keptKey = recall();

function recall() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // storage is switched off; the key lives as long as the page
  }
}

export const hasKey = () => keptKey !== null;

export function setKey(key) {
  keptKey = key;
  try {
    if (key === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, key);
  } catch {
    // kept in memory only
  }
}

/** The codebook, and what answers call it. */
export async function fetchCodebook(options) {
  const answer = await send("v1/codebook", {}, options);
  const model = answer.headers.get("X-Frameline-Model") ?? "";
  return { codebook: await answer.json(), label: decodeURIComponent(model.split(" ").at(-1)) };
}

/** The answer as the service wrote it. */
export async function classify(text, options) {
  const answer = await send(
    "v1/classify",
    {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text }),
    },
    options,
  );
  return answer.text();
}

/** An answer; `tries` bounds how often a busy service is asked, `titles` name its refusals by status. */
export async function send(path, request, { signal, onBusy = () => {}, tries: most = TRIES, titles = TITLES } = {}) {
  for (let tries = 1; ; tries++) {
    const answer = await attempt(path, request, signal);
    if (answer.ok) return answer;
    if (!BUSY.has(answer.status) || tries === most) throw await problemOf(answer, titles);
    const seconds = waitOf(answer.headers.get("Retry-After"));
    onBusy(seconds);
    await sleep(seconds, signal);
  }
}

async function attempt(path, request, signal) {
  const headers = new Headers(request.headers);
  try {
    if (keptKey !== null) headers.set("Authorization", `Bearer ${keptKey}`);
    return await fetch(path, { ...request, headers, signal, credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    if (keptKey !== null && !/^[\x20-\x7e]*$/.test(keptKey)) {
      throw new Problem("The API key holds characters that a key cannot have.", [], 401);
    }
    throw new Problem("The service cannot be reached.", ["Check that it runs and that you are online, then try again."]);
  }
}

/** Seconds to wait, from a `Retry-After` header that holds seconds or a date. */
export function waitOf(header, now = Date.now()) {
  if (header === null || header.trim() === "") return DEFAULT_WAIT;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : DEFAULT_WAIT;
}

const sleep = (seconds, signal) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener("abort", abort, { once: true });
  });

const TITLES = {
  401: "The service did not accept the request without a valid API key.",
  413: "The text is too large for this service.",
  422: "The service cannot label this text.",
  429: "Too many requests; the service asks for a pause.",
  500: "The service failed to label the text.",
  503: "The service is busy.",
};

/** A problem from RFC 9457 details, from `{"detail": [...]}`, or from whatever else came back. */
async function problemOf(answer, titles) {
  let body = {};
  try {
    body = (await answer.json()) ?? {};
  } catch {
    // not JSON: the status has to do
  }
  const title = titles[answer.status] ?? body.title ?? `The service answered with status ${answer.status}.`;
  const faults = [body.errors, body.detail].find((list) => Array.isArray(list) && list.length > 0);
  const detail = typeof body.detail === "string" && body.detail !== title ? [body.detail] : [];
  return new Problem(title, faults ? faults.map(describe) : detail, answer.status);
}

function describe(fault) {
  if (typeof fault === "string") return fault;
  const place = (Array.isArray(fault.loc) ? fault.loc : []).filter((step) => step !== "body").join(" › ");
  const message = fault.msg ?? JSON.stringify(fault);
  return place ? `${place}: ${message}` : message;
}
