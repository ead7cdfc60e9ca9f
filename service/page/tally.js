// What the summary counts.

/** `[{frame, sentences: [number]}]` in the codebook's order. */
export function tallyFrames(schema, sentences) {
  return [...schema.frames.values()].map((frame) => ({
    frame,
    sentences: numbersWhere(sentences, (sentence) =>
      sentence.frames.some((score) => score.frame === frame.id && score.present),
    ),
  }));
}

/** `[{name, marks: [{number, actor}], counts: Map(stance id, count)}]`, those named most often first. */
export function tallyActors(schema, sentences) {
  const found = new Map();
  sentences.forEach((sentence, number) => {
    for (const actor of sentence.actors) {
      const name = schema.actorName(actor);
      if (!found.has(name)) found.set(name, { name, marks: [], counts: new Map() });
      const row = found.get(name);
      row.marks.push({ number, actor });
      row.counts.set(actor.stance, (row.counts.get(actor.stance) ?? 0) + 1);
    }
  });
  return [...found.values()].sort((one, other) => other.marks.length - one.marks.length);
}

/** `[{stance, actors: [{name, times}]}]` in the codebook's order. */
export function tallyStances(schema, actors) {
  return [...schema.stances.values()].map((stance) => ({
    stance,
    actors: actors
      .filter((row) => row.counts.has(stance.id))
      .map((row) => ({ name: row.name, times: row.counts.get(stance.id) }))
      .sort((one, other) => other.times - one.times),
  }));
}

function numbersWhere(items, test) {
  return items.flatMap((item, number) => (test(item) ? [number] : []));
}
