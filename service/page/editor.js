// The panel on which the labels of one sentence are corrected.

import { byId, element, percent, spoken } from "./dom.js";
import { mentionText } from "./labels.js";
import { keyOf } from "./shortcuts.js";
import { badge, sign } from "./signs.js";

export const STATES = {
  model: "As the model says",
  unsaved: "Unsaved",
  saving: "Saving …",
  saved: "Saved",
  failed: "Not saved",
};

export class Editor {
  /** `act` has what the panel's buttons do. */
  constructor(act) {
    this.box = byId("editor");
    this.act = act;
  }

  /** Show a sentence; whatever had the focus keeps it. */
  show(view) {
    const active = this.box.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const typed = this.part("new-actor")?.value ?? "";
    this.view = view;
    this.box.replaceChildren(this.head(), this.problem(), this.frames(), this.actors(), this.adding(), this.buttons(), this.foot());
    this.part("new-actor").value = view.keepTyped ? typed : "";
    this.showSelection(view.picked);
    if (active) this.focus(active);
  }

  focus(key) {
    const wanted = this.box.querySelector(`[data-key="${CSS.escape(key)}"]`);
    (wanted && !wanted.disabled ? wanted : this.box.querySelector('[data-key="save"]')).focus();
  }

  part(id) {
    return this.box.querySelector(`#${id}`);
  }

  /** Say what the button adds now. */
  showSelection(words) {
    const button = this.part("add-selection");
    button.disabled = words === null;
    this.part("add-selection-words").textContent = words === null ? "the selected words" : `“${words}”`;
  }

  head() {
    const { number, total, item } = this.view;
    return element(
      "div",
      { class: "editor-head" },
      element("h3", {}, `Sentence ${number + 1} of ${total}`),
      element("span", { class: `pill ${item.state}` }, STATES[item.state]),
    );
  }

  problem() {
    const { item } = this.view;
    if (item.message === null) return "";
    return element(
      "div",
      { class: "editor-problem" },
      element("p", {}, item.message),
      item.state === "failed" ? button("retry", "Try again", this.act.save) : null,
    );
  }

  frames() {
    const { schema, item, keys } = this.view;
    const rows = item.sentence.frames.map((score) => {
      const frame = schema.frames.get(score.frame);
      const on = item.labels.frames.includes(frame.id);
      return element(
        "button",
        {
          type: "button",
          class: "frame-toggle",
          "aria-pressed": String(on),
          "data-key": `frame-${frame.id}`,
          onclick: () => this.act.frame(frame.id),
        },
        element("span", { class: "tick-box", "aria-hidden": "true" }, on ? "✓" : ""),
        badge(frame),
        element("span", { class: "name" }, frame.name),
        element("span", { class: "share" }, spoken("the model says "), percent(score.probability)),
        shortcut(keyOf(keys.frames, frame.id)),
      );
    });
    return element("div", { role: "group", "aria-label": "Frames" }, element("h4", { class: "kind" }, "Frames"), rows);
  }

  actors() {
    const { schema, item, chosen } = this.view;
    const rows = item.labels.actors.map((actor, at) => this.actorRow(schema, item.sentence, actor, at, at === chosen));
    return element(
      "div",
      {},
      element("h4", { class: "kind" }, "Actors"),
      rows.length > 0 ? element("ul", { class: "actor-list" }, rows) : element("p", { class: "hint" }, "No actor is marked."),
    );
  }

  actorRow(schema, sentence, actor, at, chosen) {
    const stances = [...schema.stances.values()];
    const name = mentionText(sentence, actor);
    const stance = schema.stances.get(actor.stance);
    const known = schema.actors.get(actor.actor)?.name ?? null;
    const options = stances.map((one) => element("option", { value: one.id, selected: one.id === actor.stance }, one.name));
    return element(
      "li",
      { class: chosen ? "actor chosen" : "actor", "aria-current": chosen ? "true" : null },
      element(
        "button",
        {
          type: "button",
          class: "actor-name",
          "data-key": `actor-${at}`,
          "aria-label": `${name}: ${stance.name}. Next stance`,
          onclick: () => this.act.cycle(at),
        },
        sign(stance),
        element("span", {}, name, known !== null && known !== name ? element("span", { class: "known" }, ` ${known}`) : null),
      ),
      element(
        "select",
        { "aria-label": `Stance toward ${name}`, "data-key": `stance-${at}`, onchange: (event) => this.act.stance(at, event.target.value) },
        options,
      ),
      element(
        "button",
        { type: "button", class: "remove", "data-key": `remove-${at}`, "aria-label": `Remove ${name}`, onclick: () => this.act.remove(at) },
        element("span", { "aria-hidden": "true" }, "×"),
      ),
    );
  }

  adding() {
    const selected = element(
      "button",
      { type: "button", id: "add-selection", class: "quiet", "data-key": "add", onclick: this.act.addSelection },
      element("span", {}, "Add ", element("span", { id: "add-selection-words" })),
      shortcut("a"),
    );
    selected.addEventListener("pointerdown", (event) => event.preventDefault()); // or the selection would be gone
    const submit = (event) => {
      event.preventDefault();
      this.act.addWords(this.part("new-actor").value);
    };
    return element(
      "form",
      { class: "adding", onsubmit: submit },
      selected,
      element("label", { for: "new-actor" }, "Or type an actor’s name as it stands in the sentence"),
      element(
        "div",
        { class: "field" },
        element("input", { id: "new-actor", "data-key": "new-actor", autocomplete: "off", spellcheck: "false" }),
        element("button", { type: "submit", class: "quiet", "data-key": "add-words" }, "Add"),
      ),
    );
  }

  buttons() {
    const { item } = this.view;
    const idle = item.state === "saved";
    const label = { model: "Confirm as right", saved: "Next", saving: "Saving …" }[item.state] ?? "Save";
    return element(
      "div",
      { class: "editor-buttons" },
      button("save", label, idle ? this.act.next : this.act.saveAndGoOn, { class: "primary", key: "Enter" }),
      button("undo", "Undo", this.act.undo, { disabled: item.past.length === 0, key: "u" }),
      button("history", "History", this.act.history, { key: "h" }),
      item.saved === null ? null : button("withdraw", "Withdraw", this.act.withdraw),
    );
  }

  foot() {
    const { annotator, saved, unsaved, failed, others, kept } = this.view;
    const counted = [`${saved} saved`, unsaved > 0 ? `${unsaved} unsaved` : null, failed > 0 ? `${failed} failed` : null];
    return element(
      "div",
      { class: "editor-foot" },
      element("p", { class: "hint" }, `You are ${annotator}. ${counted.filter(Boolean).join(", ")}.${others}`),
      kept ? null : element("p", { class: "hint" }, "This browser keeps nothing: save before you leave."),
      unsaved + failed > 0 ? button("save-all", "Save all unsaved", this.act.saveAll) : null,
      button("lines", "Download all corrections", this.act.download),
      button("help", "Keys", this.act.help, { key: "?" }),
    );
  }
}

function button(key, label, act, { class: kind = "quiet", disabled = false, key: shown = null } = {}) {
  return element(
    "button",
    { type: "button", class: kind, "data-key": key, disabled, onclick: () => act() },
    element("span", {}, label),
    shortcut(shown),
  );
}

const shortcut = (key) => (key === null ? null : element("kbd", { class: "keys", "aria-hidden": "true" }, key));
