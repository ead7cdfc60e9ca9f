// The summary beside the article: which frames, who is treated how, and where in the article.

import { byId, count, element, spoken, style } from "./dom.js";
import { badge, chip, sign } from "./signs.js";
import { tallyActors, tallyFrames, tallyStances } from "./tally.js";

const SHOWN_ACTORS = 8;
const SHOWN_NAMES = 6; // a stance
const FAINTEST = 0.1; // a probability under this draws no bar

export class Summary {
  constructor(article) {
    this.box = byId("summary");
    this.article = article;
    this.box.addEventListener("pointerover", (event) => this.onOver(event));
    this.box.addEventListener("pointerleave", () => this.article.highlight(null));
    this.box.addEventListener("click", (event) => {
      const mark = event.target.closest("[data-number]");
      if (mark) this.article.goTo(Number(mark.dataset.number));
    });
  }

  show(schema, sentences) {
    const frames = tallyFrames(schema, sentences);
    const actors = tallyActors(schema, sentences);
    this.box.replaceChildren(
      part("Frames", frames.map((row) => this.frameRow(row, sentences)), axis()),
      actors.length > 0 ? part("Who is treated how", stanceList(tallyStances(schema, actors))) : "",
      actors.length > 0 ? this.actorPart(schema, actors, sentences.length) : "",
    );
    return { frames, actors };
  }

  frameRow({ frame, sentences: numbers }, sentences) {
    const bars = sentences.flatMap((sentence, number) => {
      const score = sentence.frames.find((one) => one.frame === frame.id);
      if (!score.present && score.probability < FAINTEST) return [];
      return [bar(number, sentences.length, score)];
    });
    const share = element("span", { class: "share" }, `${numbers.length} of ${sentences.length}`);
    const label = [...badge(frame), element("span", { class: "name" }, frame.name), " ", share];
    return style(this.row(label, numbers, track("bars", bars, numbers, sentences.length)), { "--colour": frame.colour });
  }

  actorRow(schema, { name, marks, counts }, total) {
    const numbers = marks.map((mark) => mark.number);
    const dots = marks.map(({ number, actor }) => dot(number, total, schema.stances.get(actor.stance), schema.stances.size));
    const shares = [...schema.stances.values()]
      .filter((stance) => counts.has(stance.id))
      .map((stance) => `${counts.get(stance.id)} ${stance.name}`);
    const label = [element("span", { class: "name" }, name), spoken(`: ${shares.join(", ")}`)];
    const lanes = style(track("lanes", dots, numbers, total), { "--lanes": schema.stances.size });
    const made = this.row(label, numbers, lanes);
    made.classList.add("actor-row");
    return made;
  }

  actorPart(schema, actors, total) {
    const rows = actors.map((row) => this.actorRow(schema, row, total));
    const rest = rows.splice(SHOWN_ACTORS);
    const more =
      rest.length > 0
        ? element("details", { class: "more" }, element("summary", {}, `${count(rest.length, "more actor")}`), rest)
        : null;
    return part("Actors, from beginning to end", rows, more, axis());
  }

  /** A row whose label goes to its sentences, one after the other. */
  row(label, numbers, strip) {
    let next = 0;
    const button = element("button", { type: "button", class: "row-label", disabled: numbers.length === 0 }, label);
    button.addEventListener("click", () => this.article.goTo(numbers[next++ % numbers.length]));
    button.addEventListener("focus", () => button.matches(":focus-visible") && this.article.highlight(numbers));
    button.addEventListener("blur", () => this.article.highlight(null));
    const made = element("div", { class: "row" }, button, strip);
    made.numbers = numbers;
    return made;
  }

  onOver(event) {
    const mark = event.target.closest("[data-number]");
    const row = event.target.closest(".row");
    if (mark) this.article.highlight([Number(mark.dataset.number)]);
    else this.article.highlight(row?.numbers.length > 0 ? row.numbers : null);
  }
}

function part(title, ...content) {
  return element("section", { class: "part" }, element("h3", {}, title), ...content);
}

function track(kind, marks, numbers, total) {
  const places = numbers.map((number) => number + 1).join(", ");
  const label = numbers.length > 0 ? `In sentence ${places} of ${total}` : "In no sentence";
  return element("div", { class: `track ${kind}`, role: "img", "aria-label": label }, marks);
}

function bar(number, total, score) {
  const made = element("span", { class: score.present ? "bar present" : "bar", "data-number": number });
  return style(made, { ...place(number, total), "--height": `${Math.max(12, score.probability * 100)}%` });
}

function dot(number, total, stance, lanes) {
  const made = element("span", { class: "dot", "data-number": number }, total <= 40 ? stance.sign : "");
  return style(made, { ...place(number, total), "--colour": stance.colour, "--lane": stance.number, "--lanes": lanes });
}

const place = (number, total) => ({ "--left": `${(number / total) * 100}%`, "--width": `${100 / total}%` });

const axis = () =>
  element("div", { class: "axis", "aria-hidden": "true" }, element("span", {}, "beginning"), element("span", {}, "end"));

function stanceList(rows) {
  return element(
    "dl",
    { class: "stances" },
    rows.flatMap(({ stance, actors }) => [
      element("dt", {}, sign(stance), ` ${stance.name}`),
      element(
        "dd",
        {},
        actors.slice(0, SHOWN_NAMES).flatMap(({ name, times }) => [
          chip(stance, name, times > 1 ? element("span", { class: "times" }, ` ×${times}`) : null),
          " ",
        ]),
        actors.length === 0 ? element("span", { class: "hint" }, "nobody") : null,
        actors.length > SHOWN_NAMES
          ? element("span", { class: "hint" }, `and ${actors.length - SHOWN_NAMES} more`)
          : null,
      ),
    ]),
  );
}
