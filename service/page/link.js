// The text in the URL's fragment, which a browser never sends to a server: `#z=` deflated or `#t=` plain, in base64url.

export const LONGEST_LINK = 32_000; // characters; browsers, chats and mail programs cut longer ones
const LONGEST_TEXT = 4_000_000; // bytes, so that a small link cannot unfold without end

export async function encode(text) {
  const bytes = new TextEncoder().encode(text);
  if (!("CompressionStream" in globalThis)) return `t=${toBase64(bytes)}`;
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return `z=${toBase64(await collect(stream, Infinity))}`;
}

/** The text of a fragment; null where it carries none. Throws where it is damaged. */
export async function decode(fragment) {
  const [, form, content] = /^#?([zt])=([\w-]+)$/.exec(fragment) ?? [];
  if (form === undefined) return null;
  let bytes = fromBase64(content);
  if (form === "z") {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    bytes = await collect(stream, LONGEST_TEXT);
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

async function collect(stream, most) {
  const chunks = [];
  let length = 0;
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError("the text is too long");
    }
    chunks.push(part.value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function toBase64(bytes) {
  let binary = "";
  for (let start = 0; start < bytes.length; start += 8192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64(content) {
  const binary = atob(content.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
