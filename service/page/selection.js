// What is selected within a sentence, as a span in code points of its text.

const ADDED = ".sign, .hidden, .badges, .state"; // parts of a sentence's element that are none of its text

/** The selected span without white space around it; null where nothing within `target` is selected. */
export function selectedSpan(target) {
  const selection = getSelection();
  if (selection.rangeCount === 0 || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!target.contains(range.startContainer) || !target.contains(range.endContainer)) return null;
  const text = textNodes(target);
  const whole = text.map((node) => node.data).join("");
  const from = offset(text, range.startContainer, range.startOffset);
  const picked = whole.slice(from, offset(text, range.endContainer, range.endOffset));
  const trimmed = picked.trim();
  if (trimmed === "") return null;
  const start = length(whole.slice(0, from + picked.indexOf(trimmed)));
  return { start, end: start + length(trimmed) };
}

function textNodes(target) {
  const walker = document.createTreeWalker(target, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(ADDED)) found.push(walker.currentNode);
  }
  return found;
}

/** UTF-16 units of text before a boundary of a range. */
function offset(text, container, at) {
  const place = document.createRange();
  place.setStart(container, at);
  let units = 0;
  for (const node of text) {
    if (node === container) return units + at;
    if (place.comparePoint(node, 0) >= 0) break;
    units += node.data.length;
  }
  return units;
}

const length = (text) => Array.from(text).length;
