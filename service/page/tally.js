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

/**
 * `[{name, marks: [{number, actor}], counts: Map(stance id, count)}]`, those named most often first. Who is not listed is
 * somebody else than a listed actor of the same name (the state of Georgia).
 */
export function tallyActors(schema, sentences) {
  const listed = new Map();
  const others = new Map();
  sentences.forEach((sentence, number) => {
    for (const actor of sentence.actors) {
      const name = schema.actorName(actor);
      const found = schema.actors.has(actor.actor) ? listed : others;
      if (!found.has(name)) found.set(name, { name, marks: [], counts: new Map() });
      const row = found.get(name);
      row.marks.push({ number, actor });
      row.counts.set(actor.stance, (row.counts.get(actor.stance) ?? 0) + 1);
    }
  });
  for (const row of others.values()) if (listed.has(row.name)) row.name += " (not listed)";
  return [...listed.values(), ...others.values()].sort((one, other) => other.marks.length - one.marks.length);
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
