// Correcting labels: which sentence is at hand, what was changed, what the service has, and what it still has to get.

import { fetchAnnotations, fetchHistory, fetchLines, saveAnnotation, withdrawAnnotation } from "./annotations.js";
import { count } from "./dom.js";
import { keepDraft, losesDrafts, readDraft } from "./drafts.js";
import { Editor, STATES } from "./editor.js";
import { saveFile } from "./files.js";
import { showHistory } from "./history.js";
import { documentName, newItem, newKey, WAITING, wire } from "./items.js";
import * as labels from "./labels.js";
import { announce, clearProblem } from "./notices.js";
import { selectedSpan } from "./selection.js";
import { keysOf, showHelp } from "./shortcuts.js";

const MOVES = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };
const CHOICES = { ArrowRight: 1, ArrowLeft: -1 };

export class Corrector {
  /** `explain(error, again)` shows what went wrong, and asks for a key where one is needed. */
  constructor(article, explain) {
    this.article = article;
    this.explain = explain;
    this.active = false;
    this.editor = new Editor({
      frame: (id) => this.toggleFrame(id),
      cycle: (at) => this.cycle(this.current, at),
      stance: (at, stance) => this.setStance(at, stance),
      remove: (at) => this.remove(at),
      addSelection: () => this.addSelection(),
      addWords: (words) => this.addWords(words),
      save: () => this.save(this.current),
      saveAndGoOn: () => this.saveAndGoOn(),
      saveAll: () => this.saveAll(),
      next: () => this.move(1),
      undo: () => this.undo(),
      history: () => this.history(),
      withdraw: () => this.withdraw(),
      download: () => this.download(),
      help: () => showHelp(this.schema, this.keys),
    });
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("selectionchange", () => this.onSelection());
    article.box.addEventListener("focusin", (event) => this.choose(article.marks.indexOf(event.target)));
    article.box.addEventListener("pointerdown", () => {
      this.before = this.current;
    });
    article.box.addEventListener("click", (event) => this.onClick(event));
    addEventListener("beforeunload", (event) => {
      if (losesDrafts() || (this.active && this.waiting().length > 0)) event.preventDefault();
    });
    for (const button of document.querySelectorAll("dialog [data-close]")) {
      button.addEventListener("click", () => button.closest("dialog").close());
    }
  }

  /** Begin on a labelled text; what the service has of it, and what this browser still has to save, is taken up. */
  async enter(schema, text, answer, options) {
    const document = documentName(text);
    const sentences = answer.documents[0].sentences;
    const items = sentences.map((sentence) => newItem(document, sentence));
    let listed = { annotator: "not known yet", annotations: [] };
    let failure = null;
    try {
      listed = await fetchAnnotations(document, options);
    } catch (error) {
      if (error.name === "AbortError" || error.status === 401) throw error;
      failure = error;
    }
    Object.assign(this, { schema, text, document, items, model: answer.model, annotator: listed.annotator });
    this.keys = keysOf(schema);
    this.current = 0;
    this.chosen = 0;
    this.picked = null;
    this.kept = true;
    this.takeUp(listed.annotations);
    this.takeUpDraft();
    this.active = true;
    this.article.edit(schema, text, items.map((item) => labels.withLabels(item.sentence, item.labels)));
    items.forEach((_, number) => this.redraw(number));
    window.document.body.classList.add("correcting");
    if (failure !== null && items.length > 0) items[0].message = `What was saved before could not be read: ${failure.message}`;
    this.article.goTo(0);
    this.choose(0);
    announce(`You can correct the labels now. Press ? for the keys. ${count(items.length, "sentence")}.`);
  }

  leave() {
    this.active = false;
    document.body.classList.remove("correcting");
  }

  takeUp(annotations) {
    const items = new Map(this.items.map((item) => [item.id, item]));
    for (const version of annotations) {
      const item = items.get(version.id);
      if (item === undefined || item.sentence.text !== version.text || !this.schema.knows(version)) continue;
      if (version.annotator === this.annotator) {
        item.saved = item.labels = labels.labelsOfVersion(version);
        item.state = "saved";
      } else item.others.push(version.annotator);
    }
  }

  takeUpDraft() {
    const draft = readDraft(this.document);
    for (const item of this.items) {
      const waiting = draft?.sentences[item.id];
      if (waiting && this.schema.knows(waiting.labels)) Object.assign(item, { labels: waiting.labels, key: waiting.key, state: "unsaved" });
    }
  }

  get item() {
    return this.items[this.current];
  }

  waiting = () => this.items.filter((item) => WAITING.has(item.state));

  // Moving about.

  choose(number) {
    if (!this.active || !(number in this.items)) return;
    if (number !== this.current) {
      this.picked = null;
      this.chosen = 0;
    }
    this.article.marks[this.current]?.removeAttribute("aria-current");
    this.current = number;
    this.article.marks[number].setAttribute("aria-current", "true");
    this.markChosen();
    this.show();
  }

  move(step) {
    const number = Math.max(0, Math.min(this.items.length - 1, this.current + step));
    this.article.goTo(number);
    this.choose(number);
  }

  chooseActor(step) {
    const total = this.item.labels.actors.length;
    if (total === 0) return;
    this.chosen = (this.chosen + step + total) % total;
    this.markChosen();
    this.show();
    const actor = this.item.labels.actors[this.chosen];
    announce(`${labels.mentionText(this.item.sentence, actor)}: ${this.schema.stances.get(actor.stance).name}`);
  }

  // Changing labels.

  change(changed, said) {
    const { item } = this;
    if (labels.equal(changed, item.labels)) return;
    item.past.push(item.labels);
    this.set(item, changed);
    announce(said);
  }

  set(item, changed) {
    item.labels = changed;
    item.message = null;
    item.key = newKey();
    const settled = item.saved ?? item.base;
    item.state = labels.equal(changed, settled) ? (item.saved === null ? "model" : "saved") : "unsaved";
    this.chosen = Math.max(0, Math.min(this.chosen, changed.actors.length - 1));
    this.keep();
    this.redraw(this.items.indexOf(item));
    this.show();
  }

  toggleFrame(id) {
    const changed = labels.toggleFrame(this.schema, this.item.labels, id);
    this.change(changed, `${this.schema.frames.get(id).name}: ${changed.frames.includes(id) ? "on" : "off"}`);
  }

  cycle(number, at) {
    this.choose(number);
    const ids = [...this.schema.stances.keys()];
    const stance = ids[(ids.indexOf(this.item.labels.actors[at].stance) + 1) % ids.length];
    this.setStance(at, stance);
  }

  setStance(at, stance) {
    const actor = this.item.labels.actors[at];
    if (actor === undefined) {
      announce("This sentence has no actor.");
      return;
    }
    this.chosen = at;
    const said = `${labels.mentionText(this.item.sentence, actor)}: ${this.schema.stances.get(stance).name}`;
    this.change(labels.withStance(this.item.labels, at, stance), said);
  }

  remove(at) {
    const actor = this.item.labels.actors[at];
    if (actor === undefined) return;
    this.change(labels.withoutActor(this.item.labels, at), `${labels.mentionText(this.item.sentence, actor)} removed`);
  }

  addSelection() {
    if (this.picked === null) this.complain("Select an actor’s name in the sentence first.");
    else this.add(this.picked);
  }

  addWords(words) {
    if (words.trim() === "") return;
    const span = labels.findWords(this.item.sentence, this.item.labels, words);
    if (span === null) this.complain(`“${words.trim()}” stands nowhere in this sentence outside of the actors.`);
    else this.add(span);
  }

  add(span) {
    const { sentence, labels: before } = this.item;
    const words = labels.mentionText(sentence, span);
    const other = labels.overlapping(before, span);
    if (other) {
      this.complain(`“${words}” overlaps with “${labels.mentionText(sentence, other)}”; remove that one first.`);
      return;
    }
    const stances = [...this.schema.stances.keys()];
    const stance = stances[Math.floor((stances.length - 1) / 2)];
    const changed = labels.withActor(before, { ...span, stance, actor: this.schema.actorNamed(words) });
    this.picked = null;
    getSelection().removeAllRanges();
    this.chosen = changed.actors.findIndex((actor) => actor.start === span.start);
    this.change(changed, `${words} added, ${this.schema.stances.get(stance).name}`);
  }

  undo() {
    const before = this.item.past.pop();
    if (before === undefined) announce("There is nothing to undo.");
    else {
      this.set(this.item, before);
      announce("Undone.");
    }
  }

  complain(message) {
    this.item.message = message;
    this.show(true);
    announce(message);
  }

  // Saving.

  saveAndGoOn() {
    const number = this.current;
    if (this.item.state !== "saved") this.save(number);
    if (number < this.items.length - 1) this.move(1);
  }

  saveAll() {
    for (const item of this.waiting()) if (item.state !== "saving") this.save(this.items.indexOf(item));
  }

  async save(number) {
    const item = this.items[number];
    const { labels: sent, key } = item;
    this.settle(item, "saving", null);
    this.keep();
    try {
      await saveAnnotation(wire(item, this.document, this.model), key);
    } catch (error) {
      if (item.labels === sent) this.settle(item, "failed", [error.message, ...(error.lines ?? [])].join(" "));
      announce(`Sentence ${number + 1} is not saved: ${error.message}`);
      if (error.status === 401) {
        this.explain(error, () => {
          clearProblem();
          this.saveAll();
        });
      }
      return;
    }
    item.saved = sent;
    if (item.labels === sent) this.settle(item, "saved", null);
    this.keep();
    this.show();
    announce(`Sentence ${number + 1} is saved.`);
  }

  settle(item, state, message) {
    item.state = state;
    item.message = message;
    this.redraw(this.items.indexOf(item));
    this.show();
  }

  /** Keep in this browser what the service does not have. */
  keep() {
    const sentences = Object.fromEntries(this.waiting().map((item) => [item.id, { labels: item.labels, key: item.key }]));
    const title = this.text.trim().split("\n")[0].slice(0, 80);
    this.kept = keepDraft(this.document, { title, text: this.text, sentences });
  }

  async withdraw() {
    const { item } = this;
    try {
      await withdrawAnnotation(item.id);
    } catch (error) {
      this.report(item, error, () => this.withdraw());
      return;
    }
    item.saved = null;
    item.past.push(item.labels);
    this.set(item, item.base);
    announce("Your annotation of this sentence is withdrawn. The history keeps it.");
  }

  async history() {
    const { item } = this;
    let versions = [];
    try {
      versions = await fetchHistory(item.id);
    } catch (error) {
      if (error.status !== 404) {
        this.report(item, error, () => this.history());
        return;
      }
    }
    showHistory(this.schema, item.sentence, versions, (used) => this.change(used, "Labels taken from the history."));
  }

  async download() {
    try {
      saveFile("frameline-corrections.jsonl", await fetchLines(), "application/x-ndjson");
      announce("All corrections were downloaded as JSON Lines.");
    } catch (error) {
      this.report(this.item, error, () => this.download());
    }
  }

  report(item, error, again) {
    item.message = [error.message, ...(error.lines ?? [])].join(" ");
    this.show();
    announce(item.message);
    if (error.status === 401) this.explain(error, again);
  }

  // What is seen.

  redraw(number) {
    const item = this.items[number];
    this.article.redraw(number, labels.withLabels(item.sentence, item.labels), item.state, STATES[item.state]);
    if (number === this.current) this.markChosen();
  }

  markChosen() {
    this.article.box.querySelector(".chip.chosen")?.classList.remove("chosen");
    if (this.item.labels.actors.length < 2) return;
    this.article.marks[this.current].querySelector(`.chip[data-actor="${this.chosen}"]`)?.classList.add("chosen");
  }

  show(keepTyped = false) {
    const { schema, keys, item, current: number, chosen, annotator, kept } = this;
    const total = this.items.length;
    const tally = (state) => this.items.filter((one) => one.state === state).length;
    const others =
      item.others.length > 0 ? ` ${item.others.join(", ")} annotated this sentence, too: see its history.` : "";
    const picked = this.picked === null ? null : labels.mentionText(item.sentence, this.picked);
    const counts = { saved: tally("saved"), unsaved: tally("unsaved"), failed: tally("failed") };
    this.editor.show({ schema, keys, item, number, total, chosen, picked, annotator, others, kept, keepTyped, ...counts });
  }

  // Keys, clicks and selections.

  onKey(event) {
    if (!this.active || event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    if (event.key === "Enter" && event.target.closest("button, a, summary, label")) return;
    const act = this.actOf(event.key);
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  actOf(key) {
    const plain = key.length === 1 ? key.toLowerCase() : key;
    if (plain in MOVES) return () => this.move(MOVES[plain]);
    if (plain in CHOICES) return () => this.chooseActor(CHOICES[plain]);
    if (this.keys.frames.has(plain)) return () => this.toggleFrame(this.keys.frames.get(plain));
    if (this.keys.stances.has(plain)) return () => this.setStance(this.chosen, this.keys.stances.get(plain));
    return {
      a: () => this.addSelection(),
      x: () => this.remove(this.chosen),
      Delete: () => this.remove(this.chosen),
      u: () => this.undo(),
      h: () => this.history(),
      Enter: () => this.saveAndGoOn(),
      "?": () => showHelp(this.schema, this.keys),
    }[plain];
  }

  onClick(event) {
    if (!this.active || !getSelection().isCollapsed) return;
    const number = this.article.marks.indexOf(event.target.closest(".sentence"));
    if (number < 0) return;
    const chip = event.target.closest(".chip");
    const badge = event.target.closest(".badge");
    this.choose(number);
    if (event.pointerType === "touch" && this.before !== number) return; // a finger that chooses a sentence changes nothing
    if (chip) this.cycle(number, Number(chip.dataset.actor));
    else if (badge?.dataset.frame) this.toggleFrame(badge.dataset.frame);
  }

  onSelection() {
    if (!this.active) return;
    const anchor = getSelection().anchorNode;
    const mark = (anchor?.nodeType === Node.TEXT_NODE ? anchor.parentElement : anchor)?.closest?.(".sentence");
    const number = this.article.marks.indexOf(mark);
    if (number < 0) return; // it moved to elsewhere, as to a button: the last one within the sentence counts
    const span = selectedSpan(mark);
    if (span === null && getSelection().isCollapsed) this.picked = null;
    else if (span !== null) {
      this.choose(number);
      this.picked = span;
    }
    this.editor.showSelection(this.picked === null ? null : labels.mentionText(this.item.sentence, this.picked));
  }
}
