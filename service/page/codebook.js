// The codebook: what each frame and each stance means.

import { byId, element, spoken, style } from "./dom.js";
import { badge, sign } from "./signs.js";

export function showCodebook(schema) {
  const { codebook } = schema;
  byId("codebook-title").textContent = `Codebook: ${codebook.name} ${codebook.version}`;
  byId("codebook-body").replaceChildren(
    codebook.unit ? element("p", { class: "prose" }, codebook.unit) : "",
    element("h3", {}, "Frames"),
    element("div", { class: "entries" }, [...schema.frames.values()].map(frameEntry)),
    element("h3", {}, "Stances"),
    element("div", { class: "entries" }, [...schema.stances.values()].map(stanceEntry)),
    ...actorPart(codebook),
  );
}

function frameEntry(frame) {
  const made = element(
    "div",
    { class: "entry" },
    element("h4", {}, badge(frame), ` ${frame.name}`),
    element("p", {}, frame.definition),
    frame.code.length + frame.do_not_code.length + frame.examples.length === 0
      ? null
      : element(
          "details",
          {},
          element("summary", {}, "What counts, and what does not", spoken(` as ${frame.name}`)),
          list("Counts", frame.code),
          list("Does not count", frame.do_not_code),
          examples(frame.examples),
        ),
  );
  return style(made, { "--colour": frame.colour });
}

function stanceEntry(stance) {
  const title = element("h4", {}, sign(stance), ` ${stance.name}`);
  return style(element("div", { class: "entry" }, title, element("p", {}, stance.definition)), {
    "--colour": stance.colour,
  });
}

function list(title, items) {
  if (items.length === 0) return null;
  return [element("h5", {}, title), element("ul", {}, items.map((item) => element("li", {}, item)))];
}

function examples(items) {
  if (items.length === 0) return null;
  const rows = items.map(({ text, label }) =>
    element(
      "li",
      { class: label ? "yes" : "no" },
      element("span", { "aria-hidden": "true", class: "tick" }, label ? "✓" : "✗"),
      spoken(label ? "Yes: " : "No: "),
      text,
    ),
  );
  return [element("h5", {}, "Examples"), element("ul", { class: "samples" }, rows)];
}

/** The known actors are listed only when somebody opens them, since there can be thousands. */
function actorPart(codebook) {
  if (codebook.actors.length === 0 && codebook.actor_definition === "") return [];
  const made = [element("h3", {}, "Actors")];
  if (codebook.actor_definition !== "") made.push(element("p", { class: "prose" }, codebook.actor_definition));
  if (codebook.actors.length > 0) {
    const known = `${codebook.actors.length.toLocaleString("en")} actors known by name`;
    const details = element("details", { class: "prose" }, element("summary", {}, known));
    details.addEventListener("toggle", () => details.append(...byKind(codebook.actors)), { once: true });
    made.push(details);
  }
  return made;
}

function byKind(actors) {
  const kinds = new Map();
  for (const actor of actors) kinds.set(actor.kind, [...(kinds.get(actor.kind) ?? []), actor.name]);
  return [...kinds].flatMap(([kind, names]) => [
    element("h4", { class: "kind" }, `${kind[0].toUpperCase()}${kind.slice(1)} (${names.length})`),
    element("p", {}, names.sort((one, other) => one.localeCompare(other)).join(", ")),
  ]);
}
