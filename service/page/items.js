// The sentences that are being corrected, each with its labels, what the service has of it, and its state.

import { labelsOf } from "./labels.js";

/** The states in which the service does not have a sentence's labels. */
export const WAITING = new Set(["unsaved", "saving", "failed"]);

/** A sentence as the model labelled it: nothing is changed, nothing is saved. */
export function newItem(document, sentence) {
  const base = labelsOf(sentence);
  return {
    id: `${document}-${sentence.start}-${sentence.end}`,
    sentence,
    base,
    labels: base,
    saved: null,
    state: "model",
    past: [],
    key: newKey(),
    message: null,
    others: [],
  };
}

/** Names a text, the same wherever it is pasted: two 32-bit FNV-1a hashes of it. Web Crypto needs HTTPS. */
export function documentName(text) {
  let one = 0x811c9dc5;
  let other = 0x050c5d1f;
  for (const byte of new TextEncoder().encode(text)) {
    one = Math.imul(one ^ byte, 0x01000193);
    other = Math.imul(other ^ byte ^ (one >>> 24), 0x01000193);
  }
  return `page-${[one, other].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("")}`;
}

export const newKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");

/** What the service is told of a sentence. */
export function wire({ id, sentence, labels: { frames, actors } }, document, { name, version, codebook }) {
  return { id, document, text: sentence.text, frames, actors, origin: "page", model: { name, version, codebook } };
}
