// What is said of a sentence: its frames and its actors. Nothing here is changed in place; offsets count code points of
// the sentence.

export const labelsOf = (sentence) => ({
  frames: sentence.frames.filter((score) => score.present).map((score) => score.frame),
  actors: sorted(
    sentence.actors.map(({ start, end, stance, actor }) => mention(start - sentence.start, end - sentence.start, stance, actor)),
  ),
});

/** The same of what the service keeps. */
export const labelsOfVersion = ({ frames, actors }) => ({
  frames: [...frames],
  actors: sorted(actors.map(({ start, end, stance, actor }) => mention(start, end, stance, actor))),
});

export const equal = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** With a frame, or without it if it is there; where frames exclude each other it takes the place of another. */
export function toggleFrame(schema, labels, frame) {
  const has = labels.frames.includes(frame);
  const choice = schema.codebook.frames_per_sentence;
  if (choice === "exactly_one" || (choice === "at_most_one" && !has)) return { ...labels, frames: [frame] };
  const chosen = [...schema.frames.keys()].filter((id) => (id === frame ? !has : labels.frames.includes(id)));
  return { ...labels, frames: chosen };
}

export const withStance = (labels, at, stance) => ({
  ...labels,
  actors: labels.actors.map((actor, number) => (number === at ? { ...actor, stance } : actor)),
});

export const withoutActor = (labels, at) => ({ ...labels, actors: labels.actors.filter((_, number) => number !== at) });

export const withActor = (labels, added) => ({
  ...labels,
  actors: sorted([...labels.actors, mention(added.start, added.end, added.stance, added.actor)]),
});

/** The mention with which a span would overlap, or undefined. */
export const overlapping = (labels, { start, end }) => labels.actors.find((actor) => actor.start < end && start < actor.end);

export const mentionText = (sentence, { start, end }) => Array.from(sentence.text).slice(start, end).join("");

/** The first place of some words in a sentence where no actor is marked yet; null where there is none. */
export function findWords(sentence, labels, words) {
  const sought = Array.from(words.trim());
  const points = Array.from(sentence.text);
  if (sought.length === 0) return null;
  for (let start = 0; start + sought.length <= points.length; start++) {
    const span = { start, end: start + sought.length };
    if (sought.every((point, at) => points[start + at] === point) && !overlapping(labels, span)) return span;
  }
  return null;
}

/** A sentence as a model would have answered it with these labels; what no model said has no probability. */
export function withLabels(sentence, labels) {
  return {
    ...sentence,
    frames: sentence.frames.map((score) => ({ ...score, present: labels.frames.includes(score.frame) })),
    actors: labels.actors.map((actor) => ({
      ...actor,
      mention: mentionText(sentence, actor),
      start: actor.start + sentence.start,
      end: actor.end + sentence.start,
    })),
  };
}

const mention = (start, end, stance, actor) => ({ start, end, stance, actor: actor ?? null });

const sorted = (actors) => actors.sort((one, other) => one.start - other.start || one.end - other.end);
