// Corrections that the service does not have yet, kept in this browser until it has them; one entry an article.

const PREFIX = "frameline-draft-";
const unkept = new Map(); // where storage is switched off or full: they live as long as the page

/** Keep `{title, text, sentences: {id: {labels, key}}}`; without sentences, forget it. False where it goes with the page. */
export function keepDraft(document, draft) {
  const empty = Object.keys(draft.sentences).length === 0;
  unkept.delete(document);
  try {
    if (empty) localStorage.removeItem(PREFIX + document);
    else localStorage.setItem(PREFIX + document, JSON.stringify(draft));
  } catch {
    if (!empty) unkept.set(document, draft);
  }
  return unkept.size === 0;
}

export function readDraft(document) {
  if (unkept.has(document)) return unkept.get(document);
  try {
    const draft = JSON.parse(localStorage.getItem(PREFIX + document));
    return typeof draft?.text === "string" && typeof draft.sentences === "object" ? draft : null;
  } catch {
    return null; // no storage, or nothing of ours
  }
}

/** `[{document, title, text, sentences}]` */
export function listDrafts() {
  let stored = [];
  try {
    stored = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    // no storage
  }
  const documents = new Set([...unkept.keys(), ...stored.map((name) => name.slice(PREFIX.length))]);
  return [...documents].map((document) => ({ document, ...readDraft(document) })).filter((draft) => draft.text !== undefined);
}

export const dropDraft = (document) => keepDraft(document, { sentences: {} });

/** Whether something would be lost with the page. */
export const losesDrafts = () => unkept.size > 0;
