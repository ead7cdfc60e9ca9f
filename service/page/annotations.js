// The service's store of annotations.

import { send } from "./service.js";

const PATH = "v1/annotations";
const TITLES = {
  401: "The service did not accept the request without a valid API key.",
  404: "The service does not keep this.",
  409: "The service keeps something else under this sentence's name.",
  422: "The service does not accept these labels.",
  429: "Too many requests; the service asks for a pause.",
  503: "The service cannot keep annotations now.",
};
const ONCE = { titles: TITLES, tries: 2 };

/** Whether the service keeps annotations at all. */
export async function keepsAnnotations() {
  try {
    return (await (await send("health/ready", {}, ONCE)).json()).annotations != null;
  } catch {
    return false;
  }
}

export async function saveAnnotation(annotation, key) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  const body = JSON.stringify({ annotations: [annotation] });
  return (await (await send(PATH, { method: "POST", headers, body }, ONCE)).json()).annotations[0];
}

export const withdrawAnnotation = (id) => send(`${PATH}/${encodeURIComponent(id)}`, { method: "DELETE" }, ONCE);

export const fetchHistory = async (id) =>
  (await (await send(`${PATH}/${encodeURIComponent(id)}/history`, {}, ONCE)).json()).annotations;

/** `{annotator, annotations}`: who asks, and what holds of a document. */
export async function fetchAnnotations(document, options) {
  const found = [];
  let annotator, next;
  do {
    const query = new URLSearchParams({ document, limit: "1000", ...(next ? { cursor: next } : {}) });
    const page = await (await send(`${PATH}?${query}`, {}, { ...options, ...ONCE })).json();
    found.push(...page.annotations);
    ({ annotator, next } = page);
  } while (next);
  return { annotator, annotations: found };
}

/** Everything that holds, as JSON Lines. */
export const fetchLines = async () => (await send(PATH, { headers: { Accept: "application/x-ndjson" } }, ONCE)).text();
