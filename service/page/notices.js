// What the page says while it works and when something is wrong.

import { byId, element } from "./dom.js";

const SHOW_AFTER = 250; // milliseconds; most answers are there sooner

export function announce(text) {
  byId("announcer").textContent = text;
}

export function showProblem(title, lines = [], retry = null) {
  byId("problem").replaceChildren(
    element("p", { class: "problem-title" }, title),
    lines.length > 0 ? element("ul", {}, lines.slice(0, 20).map((line) => element("li", {}, line))) : "",
    retry === null ? "" : element("button", { type: "button", class: "quiet", onclick: retry }, "Try again"),
  );
  byId("problem").scrollIntoView({ block: "nearest" });
}

export const clearProblem = () => byId("problem").replaceChildren();

export class Progress {
  constructor(onCancel) {
    this.box = byId("progress");
    this.text = byId("progress-text");
    byId("cancel").addEventListener("click", onCancel);
  }

  start(text) {
    this.stop();
    this.text.textContent = text;
    this.timer = setTimeout(() => {
      this.box.hidden = false;
      announce(text);
    }, SHOW_AFTER);
  }

  /** Count down; screen readers hear it once. */
  wait(seconds, then) {
    this.stop();
    this.box.hidden = false;
    announce(`The service is busy. Trying again in ${seconds} seconds.`);
    const end = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      this.text.textContent = left > 0 ? `The service is busy. Trying again in ${left} s.` : then;
    };
    tick();
    this.ticker = setInterval(tick, 250);
  }

  stop() {
    clearTimeout(this.timer);
    clearInterval(this.ticker);
    this.box.hidden = true;
  }
}
