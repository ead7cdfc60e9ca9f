// Making elements. Text only ever becomes a text node, so nothing that somebody pastes is read as HTML.

export const byId = (id) => document.getElementById(id);

/** An element; `properties` are attributes (true stands for an empty one, false and null for none), `on…` are listeners. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child != null));
  return made;
}

/** Text for screen readers only. */
export const spoken = (text) => element("span", { class: "hidden" }, text);

/** Set custom properties by CSSOM, which the content security policy permits, unlike style attributes. */
export function style(target, properties) {
  for (const [name, value] of Object.entries(properties)) target.style.setProperty(name, value);
  return target;
}

export const percent = (probability) => `${Math.round(probability * 100)} %`;

export const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
