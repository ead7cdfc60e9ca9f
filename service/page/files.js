// Text files, dropped anywhere on the page or opened.

import { byId, element } from "./dom.js";
import { Problem } from "./service.js";

const LARGEST_FILE = 20_000_000; // bytes

export function onFile(receive) {
  const drop = byId("drop");
  let depth = 0; // enter and leave fire for every element on the way
  const show = (change) => {
    depth = Math.max(0, depth + change);
    drop.classList.toggle("dragging", depth > 0);
  };
  const listen = (type, act) =>
    document.addEventListener(type, (event) => {
      if (event.dataTransfer?.types.includes("Files")) act(event);
    });
  listen("dragenter", () => show(1));
  listen("dragleave", () => show(-1));
  listen("dragover", (event) => event.preventDefault());
  listen("drop", (event) => {
    event.preventDefault();
    show(-depth);
    const [file] = event.dataTransfer.files;
    if (file) receive(file);
  });
  byId("file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) receive(file);
    event.target.value = "";
  });
}

/** Let the browser save a file. */
export function saveFile(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export async function readText(file) {
  if (file.size > LARGEST_FILE) throw new Problem(`${file.name} is too large.`, ["Choose a file of one article."]);
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Problem(`${file.name} is not a text file in UTF-8.`, ["Save it as plain text, or paste its text."]);
  }
  if (text.includes("\0")) throw new Problem(`${file.name} is not a text file.`, ["Save it as plain text."]);
  return text;
}
