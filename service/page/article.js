// The article with its sentences marked: one stop for Tab, arrows from sentence to sentence.

import { cardContent } from "./card.js";
import { byId, element, percent, spoken, style } from "./dom.js";
import { passages, pieces } from "./passages.js";
import { badge, chip } from "./signs.js";

const STATE_SIGNS = { unsaved: "unsaved", saving: "…", saved: "✓", failed: "not saved" };
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export class Article {
  constructor(card) {
    this.box = byId("article");
    this.card = card;
    this.marks = [];
    this.box.addEventListener("keydown", (event) => this.onKey(event));
    this.box.addEventListener("focusin", (event) => this.hold(this.marks.indexOf(event.target)));
  }

  /** Show labels that are being corrected: without probabilities, and ready to be drawn anew. */
  edit(schema, text, sentences) {
    this.show(schema, text, sentences, true);
  }

  show(schema, text, sentences, editing = false) {
    this.card.hide();
    Object.assign(this, { schema, editing, total: sentences.length, points: Array.from(text) });
    this.marks = [];
    const paragraphs = passages(text, sentences).map(({ headline, sentences: parts }) =>
      element(
        "p",
        { class: headline ? "headline" : null, dir: "auto" },
        parts.flatMap((part) => [this.mark(schema, part, sentences.length), " "]),
      ),
    );
    if (sentences.length === 0) paragraphs.push(element("p", { class: "hint" }, "There is no sentence in this text."));
    this.box.replaceChildren(...paragraphs);
    this.hold(0);
  }

  mark(schema, { number, sentence, pieces }, total) {
    const span = element("span", { class: "sentence", role: "group", tabindex: "-1" });
    this.draw(span, number, sentence, pieces);
    if (!this.editing) this.card.attach(span, () => cardContent(schema, sentence, number, total));
    this.marks.push(span);
    return span;
  }

  /** Draw a sentence that is being corrected with its labels as they are now; `said` names its state. */
  redraw(number, sentence, state, said) {
    const span = this.marks[number];
    this.draw(span, number, sentence, pieces(this.points, sentence), said);
    const sign = element("span", { class: `state ${state}`, "aria-hidden": "true", title: said }, STATE_SIGNS[state]);
    if (state !== "model") span.append(sign);
  }

  draw(span, number, sentence, parts, said = null) {
    const { schema, editing } = this;
    const frames = schema.framesOf(sentence);
    const names = frames.map((frame) => frame.name).join(", ");
    const label = `Sentence ${number + 1} of ${this.total}${names && `: ${names}`}${said === null ? "" : `. ${said}`}`;
    span.setAttribute("aria-label", label);
    span.classList.toggle("marked", frames.length > 0);
    span.replaceChildren(
      ...parts.map((piece) => (piece.actor ? actorMark(schema, piece, sentence.actors.indexOf(piece.actor), editing) : piece.text)),
      ...(frames.length > 0 ? [badges(schema, sentence, editing)] : []),
    );
    if (frames.length > 0) style(span, { "--colour": frames[0].colour, "--lines": lines(frames) });
  }

  /** The one sentence that Tab reaches. */
  hold(number) {
    if (!(number in this.marks)) return;
    this.box.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    this.marks[number].setAttribute("tabindex", "0");
  }

  onKey(event) {
    const at = this.marks.indexOf(document.activeElement);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const last = this.marks.length - 1;
    if (this.editing && event.key in STEPS) return; // then the keys do more
    const targets = { Home: 0, End: last };
    const target = event.key in STEPS ? at + STEPS[event.key] : targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.goTo(Math.max(0, Math.min(last, target)));
  }

  goTo(number) {
    const mark = this.marks[number];
    mark.scrollIntoView({ block: "center", behavior: reducedMotion() ? "auto" : "smooth" });
    mark.focus({ preventScroll: true });
  }

  /** Fade all sentences but these; null fades none. */
  highlight(numbers) {
    const lit = new Set(numbers ?? []);
    this.box.classList.toggle("faded", numbers !== null);
    this.marks.forEach((mark, number) => mark.classList.toggle("lit", lit.has(number)));
  }
}

const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function actorMark(schema, { text, actor }, number, editing) {
  const stance = schema.stances.get(actor.stance);
  const made = chip(stance, text, spoken(` (${stance.name}${editing ? "" : `, ${percent(actor.probabilities[actor.stance])}`})`));
  made.dataset.actor = number;
  return made;
}

function badges(schema, sentence, editing) {
  const present = sentence.frames.filter((score) => score.present);
  return element(
    "span",
    { class: "badges" },
    present.flatMap((score) => {
      const made = badge(schema.frames.get(score.frame), editing ? "" : `, ${percent(score.probability)}`);
      made[0].dataset.frame = score.frame;
      return made;
    }),
  );
}

/** One line under the sentence for each of its frames, as background layers. */
function lines(frames) {
  return frames
    .map(({ colour }, row) => `linear-gradient(${colour}, ${colour}) 0 calc(100% - ${row * 4}px) / 100% 2px no-repeat`)
    .join(", ");
}
