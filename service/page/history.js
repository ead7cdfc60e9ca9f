// The versions of a sentence's annotation, who made each and when.

import { byId, count, element } from "./dom.js";
import { labelsOfVersion, mentionText } from "./labels.js";
import { badge, chip } from "./signs.js";

/** Show versions, the newest first; `use` takes the labels of one. */
export function showHistory(schema, sentence, versions, use) {
  const dialog = byId("history");
  byId("history-text").textContent = sentence.text;
  byId("history-count").textContent = versions.length === 0 ? "Nobody has annotated it yet." : count(versions.length, "version");
  const choose = (version) => {
    dialog.close();
    use(labelsOfVersion(version));
  };
  byId("history-list").replaceChildren(...[...versions].reverse().map((version) => row(schema, sentence, version, choose)));
  dialog.showModal();
}

function row(schema, sentence, version, choose) {
  const when = new Date(version.time);
  return element(
    "li",
    { class: version.withdrawn ? "withdrawn" : null },
    element(
      "p",
      { class: "history-who" },
      element("strong", {}, version.annotator),
      version.withdrawn ? " withdrew it, " : ", ",
      element("time", { datetime: version.time }, when.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })),
      version.model ? ` · labels of ${version.model.name} ${version.model.version}` : null,
    ),
    version.withdrawn ? null : element("p", { class: "history-labels" }, shown(schema, sentence, version)),
    version.withdrawn
      ? null
      : element("button", { type: "button", class: "quiet", onclick: () => choose(version) }, "Use these labels"),
  );
}

function shown(schema, sentence, version) {
  const frames = version.frames.flatMap((id) => {
    const frame = schema.frames.get(id);
    return frame ? [...badge(frame), ` ${frame.name} `] : [`${id} `];
  });
  const actors = version.actors.flatMap((actor) => {
    const stance = schema.stances.get(actor.stance);
    return stance ? [chip(stance, mentionText(sentence, actor)), ` ${stance.name} `] : [];
  });
  return frames.length + actors.length === 0 ? "No frame, no actor" : [...frames, ...actors];
}
