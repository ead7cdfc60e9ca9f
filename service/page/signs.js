// The small signs that stand for frames and stances wherever they appear.

import { element, spoken, style } from "./dom.js";

/** A frame's badge; with `detail` screen readers hear its name and that. */
export function badge(frame, detail = null) {
  const letters = element("span", { class: "badge", "aria-hidden": "true" }, frame.badge);
  style(letters, { "--colour": frame.colour });
  return detail === null ? [letters] : [letters, spoken(` (${frame.name}${detail})`)];
}

const LONGEST_UNBROKEN = 16; // letters; a longer word may not fit into a line of a phone

/** A chip with a stance's sign before a name; the sign and the first word, unless it is long, stay on one line. */
export function chip(stance, name, ...more) {
  const [, first, rest] = /^(\S*)([^]*)$/.exec(name);
  const kind = first.length > LONGEST_UNBROKEN ? null : "unbroken";
  const made = element("span", { class: "chip" }, element("span", { class: kind }, sign(stance), first), rest, more);
  return style(made, { "--colour": stance.colour, "--ring": stance.ring });
}

/** Which sign stands for what. */
export function legend(schema) {
  const frames = [...schema.frames.values()].map((frame) => element("li", {}, badge(frame), ` ${frame.name}`));
  const stances = [...schema.stances.values()].map((stance) => element("li", {}, sign(stance), ` ${stance.name}`));
  return [element("ul", { "aria-label": "Frames" }, frames), element("ul", { "aria-label": "Stances" }, stances)];
}

export function sign(stance) {
  return style(element("span", { class: "sign", "aria-hidden": "true" }, stance.sign), { "--colour": stance.colour });
}
