// From a text and its labelled sentences to paragraphs. Offsets in the answer count code points, not UTF-16 units.

const HEADLINE_LENGTH = 120;

/** `[{headline, sentences: [{number, sentence, pieces: [{text, actor?}]}]}]`, in the order of the text. */
export function passages(text, sentences) {
  const points = Array.from(text);
  const paragraphs = [];
  let end = 0;
  sentences.forEach((sentence, number) => {
    const gap = points.slice(end, sentence.start).join("");
    if (number === 0 || gap.includes("\n")) paragraphs.push({ headline: false, sentences: [] });
    paragraphs.at(-1).sentences.push({ number, sentence, pieces: pieces(points, sentence) });
    end = sentence.end;
  });
  const [first] = paragraphs;
  if (paragraphs.length > 1) first.headline = isHeadline(first.sentences);
  return paragraphs;
}

function isHeadline(sentences) {
  const [{ sentence }] = sentences;
  return sentences.length === 1 && sentence.end - sentence.start <= HEADLINE_LENGTH && !/[.!?]["”’]?$/.test(sentence.text);
}

/** The parts of a sentence of a text that is given as its code points. */
export function pieces(points, sentence) {
  const made = [];
  let end = sentence.start;
  const add = (start, stop, actor) => {
    if (stop > start) made.push({ text: points.slice(start, stop).join(""), actor });
  };
  for (const actor of [...sentence.actors].sort((one, other) => one.start - other.start)) {
    if (actor.start < end) continue; // lies within the one before; its card still lists it
    add(end, actor.start);
    add(actor.start, actor.end, actor);
    end = actor.end;
  }
  add(end, sentence.end);
  return made;
}
