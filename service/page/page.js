// The page: from a text to its marked sentences.

import { Article } from "./article.js";
import { keepsAnnotations } from "./annotations.js";
import { Card } from "./card.js";
import { showCodebook } from "./codebook.js";
import { Corrector } from "./corrector.js";
import { byId, count, element, spoken } from "./dom.js";
import { dropDraft, listDrafts } from "./drafts.js";
import { onFile, readText, saveFile } from "./files.js";
import { decode, encode, LONGEST_LINK } from "./link.js";
import { announce, clearProblem, Progress, showProblem } from "./notices.js";
import { Schema } from "./schema.js";
import { classify, fetchCodebook, hasKey, Problem, setKey } from "./service.js";
import { legend } from "./signs.js";
import { Summary } from "./summary.js";

const text = byId("text");
const article = new Article(new Card());
const summary = new Summary(article);
const corrector = new Corrector(article, explain);
const progress = new Progress(() => work?.abort(new DOMException("cancelled", "AbortError")));

let schema = null;
let shown = null; // {text, raw}: what the result on the page is of
let work = null; // aborts what is going on
let afterKey = null; // what to do once there is a key

async function attempt(title, act) {
  work?.abort();
  const own = (work = new AbortController());
  progress.start(title);
  const onBusy = (seconds) => progress.wait(seconds, title);
  try {
    await act({ signal: own.signal, onBusy });
  } catch (error) {
    if (error.name === "AbortError") {
      if (own !== work) return;
      announce("Cancelled.");
      if (!byId("composer").hidden) text.focus();
    } else {
      explain(error, () => {
        clearProblem();
        attempt(title, act);
      });
    }
  } finally {
    if (own === work) progress.stop();
  }
}

function explain(error, again) {
  if (!(error instanceof Problem)) {
    console.error(error);
    showProblem("The page failed to show this.", [String(error.message ?? error)]);
    return;
  }
  if (error.status === 401) {
    askForKey(hasKey() ? [error.message, ...error.lines] : null, again);
    return;
  }
  const temporary = error.status === 0 || error.status === 429 || error.status >= 500;
  showProblem(error.message, error.lines, temporary ? again : null);
}

function askForKey(lines, again) {
  afterKey = again;
  if (lines !== null) showProblem(lines[0], lines.slice(1));
  byId("key-form").hidden = false;
  byId("key").focus();
}

async function loadCodebook(options) {
  const { codebook, label: name } = await fetchCodebook(options);
  schema = new Schema(codebook, name);
  showCodebook(schema);
  for (const id of ["preview", "legend"]) byId(id).replaceChildren(...legend(schema));
}

async function label() {
  clearProblem();
  const given = text.value;
  if (given.trim() === "") {
    showProblem("There is no text yet.", ["Paste an article, drop a text file, or choose an example."]);
    text.focus();
    return;
  }
  await attempt(`Reading ${count(given.trim().split(/\s+/).length, "word")} …`, async (options) => {
    if (schema === null) await loadCodebook(options);
    const raw = await classify(given, options);
    const answer = JSON.parse(raw);
    if (schema.label !== answer.model.codebook) await loadCodebook(options); // another model serves meanwhile
    showResult(given, raw, answer);
  });
}

function showResult(given, raw, answer) {
  const [{ sentences }] = answer.documents;
  if (shown?.text !== given) forgetLink();
  corrector.leave();
  shown = { text: given, raw, answer };
  showCorrecting();
  article.show(schema, given, sentences);
  const { frames, actors } = summary.show(schema, sentences);
  const found = frames.filter((row) => row.sentences.length > 0);
  byId("results-title").textContent = [
    count(sentences.length, "sentence"),
    count(found.length, "frame"),
    count(actors.length, "actor"),
  ].join(" · ");
  byId("model").textContent = `Model ${answer.model.name} ${answer.model.version}, codebook ${answer.model.codebook}`;
  showStage("results");
  byId("results-title").focus({ preventScroll: true });
  scrollTo({ top: 0 });
  const counts = found.map((row) => `${row.frame.name} ${row.sentences.length}`);
  announce(`${count(sentences.length, "sentence")} labelled. ${counts.join(", ") || "No frame found"}.`);
}

function showStage(stage) {
  byId("composer").hidden = stage !== "composer";
  byId("results").hidden = stage !== "results";
  byId("link-field").hidden = byId("link-note").hidden = true;
}

/** Turn correcting on or off for the result on the page. */
async function correct() {
  if (corrector.active) {
    corrector.leave();
    article.show(schema, shown.text, shown.answer.documents[0].sentences);
    showCorrecting();
    byId("correct").focus();
    return;
  }
  clearProblem();
  await attempt("Fetching what was corrected …", async (options) => {
    await corrector.enter(schema, shown.text, shown.answer, options);
    showCorrecting();
  });
}

function showCorrecting() {
  byId("correct").setAttribute("aria-pressed", String(corrector.active));
  byId("editor").hidden = !corrector.active;
  byId("summary").hidden = corrector.active;
  byId("keys-hint").hidden = corrector.active;
}

/** What was corrected and is not saved yet, to go on with. */
function showDrafts() {
  const drafts = listDrafts();
  byId("drafts").hidden = drafts.length === 0;
  const rows = drafts.map((draft) =>
    element(
      "li",
      {},
      element("span", { class: "draft-title" }, draft.title),
      element("span", { class: "hint" }, ` ${count(Object.keys(draft.sentences).length, "sentence")} `),
      element("button", { type: "button", class: "quiet", onclick: () => goOn(draft) }, "Go on", spoken(` with ${draft.title}`)),
      element("button", { type: "button", class: "quiet", onclick: () => discard(draft) }, "Discard", spoken(` ${draft.title}`)),
    ),
  );
  byId("drafts-list").replaceChildren(...rows);
}

async function goOn(draft) {
  await labelText(draft.text);
  if (shown?.text === draft.text && !byId("results").hidden) await correct();
}

function discard(draft) {
  if (!confirm(`Discard the unsaved corrections of “${draft.title}”?`)) return;
  dropDraft(draft.document);
  showDrafts();
  text.focus();
}

function compose(content) {
  corrector.leave();
  showDrafts();
  work?.abort();
  clearProblem();
  text.value = content;
  showStage("composer");
  text.focus();
}

function labelText(content) {
  text.value = content.toWellFormed?.() ?? content;
  return label();
}

function forgetLink() {
  if (/^#[zt]=/.test(location.hash) && location.hash !== `#${openedLink}`) {
    history.replaceState(null, "", location.pathname + location.search);
  }
  openedLink = null;
}

let openedLink = null; // the fragment whose text is being labelled

async function openLink() {
  const fragment = location.hash.slice(1);
  let content;
  try {
    content = await decode(fragment);
  } catch {
    showProblem("This link is damaged, so its text cannot be read.", ["Ask for the link again, or paste the text."]);
    return;
  }
  if (content === null) return;
  openedLink = fragment;
  await labelText(content);
}

async function copyLink() {
  const fragment = await encode(shown.text);
  const note = byId("link-note");
  note.hidden = false;
  if (fragment.length > LONGEST_LINK) {
    note.textContent = "This article is too long for a link. Download the JSON instead.";
    announce(note.textContent);
    return;
  }
  history.replaceState(null, "", `#${fragment}`);
  let copied = true;
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    copied = false; // not permitted, or not a secure page: show it for copying by hand
  }
  byId("link-field").hidden = copied;
  byId("link-text").value = location.href;
  if (!copied) byId("link-text").select();
  note.textContent =
    `${copied ? "The link is copied." : "Copy the link from the field."} It holds the whole text, after the #, ` +
    "which browsers do not send to a server. Whoever has the link can read the text.";
  announce(note.textContent);
}

function download() {
  const words = shown.text.trim().toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const name = ["frameline", ...words.slice(0, 5)].join("-").slice(0, 60);
  saveFile(`${name}.json`, shown.raw, "application/json");
  announce("The labels were downloaded as JSON.");
}

async function showExamples() {
  const examples = await (await fetch("page/examples.json")).json();
  const cards = examples.map(({ title, about, text: content }) =>
    element(
      "li",
      {},
      element(
        "button",
        { type: "button", onclick: () => labelText(content) },
        element("span", { class: "example-title" }, title),
        element("span", { class: "example-about" }, about),
      ),
    ),
  );
  byId("examples").replaceChildren(...cards);
}

function useKey(event) {
  event.preventDefault();
  const key = byId("key").value.trim();
  if (key === "") return;
  setKey(key);
  byId("key").value = "";
  byId("key-form").hidden = true;
  byId("forget-key").hidden = false;
  afterKey?.();
}

function forgetKey() {
  setKey(null);
  byId("forget-key").hidden = true;
  announce("The API key is forgotten.");
  byId("main").focus();
}

/** Go to a part of the page without touching the fragment, which may hold the text. */
function followInside(event) {
  const link = event.target.closest('a[href^="#"]');
  if (link === null) return;
  event.preventDefault();
  const target = document.querySelector(link.getAttribute("href"));
  target.scrollIntoView();
  target.focus({ preventScroll: true });
}

function listen() {
  const onClick = (id, act) => byId(id).addEventListener("click", act);
  onClick("label", label);
  onClick("edit", () => compose(shown.text));
  onClick("again", () => compose(""));
  onClick("link", copyLink);
  onClick("export", download);
  onClick("correct", correct);
  onClick("forget-key", forgetKey);
  byId("key-form").addEventListener("submit", useKey);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) label();
  });
  text.addEventListener("paste", () => {
    if (text.value === "") setTimeout(() => text.value.trim() !== "" && label()); // once the text is there
  });
  onFile((file) =>
    readText(file).then(labelText, (error) => {
      explain(error, null);
    }),
  );
  document.addEventListener("click", followInside);
  addEventListener("hashchange", openLink);
}

listen();
byId("forget-key").hidden = !hasKey();
showExamples();
showDrafts();
keepsAnnotations().then((kept) => {
  byId("correct").hidden = !kept;
});
if (/^#[zt]=/.test(location.hash)) await openLink();
if (schema === null && work === null) await attempt("Fetching the codebook …", loadCodebook);
