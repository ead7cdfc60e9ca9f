// Corrections that the service does not have yet, kept in this browser until it has them; one entry an article.

const PREFIX = "frameline-draft-";

/** Keep `{title, text, sentences: {id: {labels, key}}}`; without sentences, forget it. False where that cannot be. */
export function keepDraft(document, draft) {
  try {
    if (Object.keys(draft.sentences).length === 0) localStorage.removeItem(PREFIX + document);
    else localStorage.setItem(PREFIX + document, JSON.stringify(draft));
    return true;
  } catch {
    return Object.keys(draft.sentences).length === 0; // storage is switched off or full
  }
}

export function readDraft(document) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + document));
  } catch {
    return null;
  }
}

/** `[{document, title, text, sentences}]` */
export function listDrafts() {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => name.slice(PREFIX.length))
      .map((document) => ({ document, ...readDraft(document) }))
      .filter((draft) => typeof draft.text === "string");
  } catch {
    return [];
  }
}

export const dropDraft = (document) => keepDraft(document, { sentences: {} });
