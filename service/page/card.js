// The card with a sentence's probabilities, shown beside the sentence that is pointed at or focused.

import { byId, element, percent, spoken, style } from "./dom.js";
import { badge, chip, sign } from "./signs.js";

const HIDE_AFTER = 200; // milliseconds, enough to move the pointer from the sentence to the card
const GAP = 8; // pixels between the sentence and the card

export class Card {
  constructor() {
    this.box = byId("card");
    this.owner = null;
    this.timer = null;
    this.box.addEventListener("pointerenter", () => clearTimeout(this.timer));
    this.box.addEventListener("pointerleave", () => this.hideSoon());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.hide();
    });
  }

  /** Attach to a sentence's element; `fill` makes the card's content. */
  attach(target, fill) {
    target.addEventListener("pointermove", (event) => {
      // not on entering, since a sentence that appears under a resting pointer has not been pointed at
      if (event.pointerType === "mouse") this.show(target, fill);
    });
    target.addEventListener("pointerleave", () => this.hideSoon());
    target.addEventListener("focus", () => this.show(target, fill));
    target.addEventListener("blur", () => this.hide());
    target.addEventListener("click", () => this.show(target, fill));
  }

  show(target, fill) {
    clearTimeout(this.timer);
    if (this.owner === target) return;
    this.hide();
    this.owner = target;
    this.box.replaceChildren(...fill());
    this.box.hidden = false;
    target.classList.add("shown");
    target.setAttribute("aria-describedby", this.box.id);
    this.place(target.getBoundingClientRect());
  }

  /** Below the sentence, above where there is no room; in the page's coordinates, so that it scrolls along. */
  place(sentence) {
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const page = document.documentElement;
    const left = Math.max(GAP, Math.min(sentence.left, page.clientWidth - width - GAP));
    const below = sentence.bottom + GAP + height <= page.clientHeight || sentence.top < GAP + height;
    const top = below ? sentence.bottom + GAP : sentence.top - GAP - height;
    style(this.box, { "--left": `${left + scrollX}px`, "--top": `${top + scrollY}px` });
  }

  hideSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (document.activeElement !== this.owner) this.hide();
    }, HIDE_AFTER);
  }

  hide() {
    clearTimeout(this.timer);
    if (this.owner === null) return;
    this.owner.classList.remove("shown");
    this.owner.removeAttribute("aria-describedby");
    this.owner = null;
    this.box.hidden = true;
  }
}

export function cardContent(schema, sentence, number, total) {
  const made = [
    element("p", { class: "card-title" }, `Sentence ${number + 1} of ${total}`),
    element("ul", { class: "card-frames" }, sentence.frames.map((score) => frameRow(schema, score))),
  ];
  if (sentence.actors.length > 0) {
    made.push(element("ul", { class: "card-actors" }, sentence.actors.map((actor) => actorRow(schema, actor))));
  }
  return made;
}

function frameRow(schema, score) {
  const frame = schema.frames.get(score.frame);
  const bar = style(element("span", { class: "meter", "aria-hidden": "true" }, element("span")), {
    "--colour": frame.colour,
    "--share": percentage(score.probability),
  });
  const name = element("span", { class: "name" }, frame.name);
  const value = element("span", { class: "value" }, percent(score.probability));
  return element("li", { class: score.present ? "present" : "absent" }, badge(frame), name, " ", bar, value);
}

function actorRow(schema, actor) {
  const stances = [...schema.stances.values()];
  const name = schema.actorName(actor);
  const bar = element(
    "span",
    { class: "shares", "aria-hidden": "true" },
    stances.map((stance) =>
      style(element("span"), { "--colour": stance.colour, "--share": percentage(actor.probabilities[stance.id]) }),
    ),
  );
  const values = [...stances]
    .sort((one, other) => actor.probabilities[other.id] - actor.probabilities[one.id])
    .map((stance) => [
      element(
        "span",
        { class: stance.id === actor.stance ? "value likeliest" : "value" },
        sign(stance),
        stance.id === actor.stance ? ` ${stance.name}` : spoken(` ${stance.name}`),
        ` ${percent(actor.probabilities[stance.id])}`,
      ),
      " ",
    ]);
  return element(
    "li",
    {},
    element(
      "span",
      { class: "who" },
      chip(schema.stances.get(actor.stance), actor.mention),
      name === actor.mention ? null : element("span", { class: "known" }, ` ${name}`),
    ),
    bar,
    element("span", { class: "values" }, values.flat()),
  );
}

const percentage = (probability) => `${(probability * 100).toFixed(2)}%`;
