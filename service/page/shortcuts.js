// Which key does what while labels are corrected.

import { byId, element } from "./dom.js";

const RESERVED = "ahjkux";

/** `{frames: Map(key, id), stances: Map(key, id)}`: frames by number, stances by a letter of their name. */
export function keysOf(schema) {
  const frames = new Map([...schema.frames.keys()].slice(0, 9).map((id, number) => [String(number + 1), id]));
  const stances = new Map();
  for (const stance of schema.stances.values()) {
    const letter = [...stance.name.toLowerCase()].find(
      (one) => /[a-z]/.test(one) && !RESERVED.includes(one) && !stances.has(one),
    );
    if (letter) stances.set(letter, stance.id);
  }
  return { frames, stances };
}

export const keyOf = (keys, id) => [...keys].find(([, one]) => one === id)?.[0] ?? null;

/** The overlay that `?` opens. */
export function showHelp(schema, keys) {
  const named = (map, items, what) => [...map].map(([key, id]) => [[key], what(items.get(id).name)]);
  const rows = [
    [["↓", "j"], "Next sentence"],
    [["↑", "k"], "Sentence before"],
    ...named(keys.frames, schema.frames, (name) => `${name}, on or off`),
    [["←", "→"], "Choose an actor of the sentence"],
    ...named(keys.stances, schema.stances, (name) => `${name} toward the chosen actor`),
    [["a"], "Add the selected words as an actor"],
    [["x", "Del"], "Remove the chosen actor"],
    [["u"], "Undo"],
    [["Enter"], "Save, or confirm as right, and go on"],
    [["h"], "History of the sentence"],
    [["?"], "This help"],
  ];
  byId("help-keys").replaceChildren(
    ...rows.flatMap(([shown, what]) => [
      element("dt", {}, shown.flatMap((key) => [element("kbd", {}, key), " "])),
      element("dd", {}, what),
    ]),
  );
  byId("help").showModal();
}
