// How the codebook's frames and stances look: colour by order, and always a sign beside the colour.

const FRAME_COLOURS = 6;
const SHAPES = ["◆", "■", "▲", "●", "▼", "★"];
const CONVENTIONAL_SIGNS = { supportive: "+", neutral: "·", critical: "−" };

export class Schema {
  constructor(codebook, label) {
    this.codebook = codebook;
    this.label = label; // what an answer's model block calls it
    const badges = badgesOf(codebook.frames.map((frame) => frame.name));
    this.frames = new Map(
      codebook.frames.map((frame, number) => [
        frame.id,
        { ...frame, badge: badges[number], colour: `var(--frame-${number % FRAME_COLOURS})` },
      ]),
    );
    const signs = signsOf(codebook.stances.map((stance) => stance.id));
    this.stances = new Map(
      codebook.stances.map((stance, number) => [
        stance.id,
        {
          ...stance,
          number,
          sign: signs[number],
          ...stanceColours(number, codebook.stances.length),
        },
      ]),
    );
    this.actors = new Map(codebook.actors.map((actor) => [actor.id, actor]));
  }

  /** The actor's name in the codebook, or the mention as it stands in the text. */
  actorName(actor) {
    return this.actors.get(actor.actor)?.name ?? actor.mention;
  }

  /** Whether all of a sentence's labels are in this codebook. */
  knows({ frames, actors }) {
    return frames.every((id) => this.frames.has(id)) && actors.every(({ stance }) => this.stances.has(stance));
  }

  /** The id of the actor that alone in the codebook is named so; null where there is none. */
  actorNamed(words) {
    const named = this.codebook.actors.filter((actor) => actor.name === words || actor.aliases.includes(words));
    return named.length === 1 ? named[0].id : null;
  }

  framesOf(sentence) {
    return sentence.frames.filter((score) => score.present).map((score) => this.frames.get(score.frame));
  }
}

/** The first stance and the last are opposite ends; those between them are grey, as neither, in a quieter ring. */
function stanceColours(number, total) {
  const place = number === 0 ? "first" : number === total - 1 ? "last" : "between";
  const colour = `var(--stance-${place})`;
  return { colour, ring: place === "between" ? "var(--rule)" : colour };
}

function signsOf(ids) {
  if (ids.every((id) => id in CONVENTIONAL_SIGNS)) return ids.map((id) => CONVENTIONAL_SIGNS[id]);
  return ids.map((_, number) => SHAPES[number] ?? String(number + 1));
}

/** Initials of each name, made distinct by a number where they are not. */
function badgesOf(names) {
  const used = new Set();
  return names.map((name) => {
    const words = name.split(/[\s_-]+/).filter(Boolean);
    const initials = words.length > 1 ? words.slice(0, 3).map((word) => [...word][0]) : [...name].slice(0, 2);
    const base = initials.join("").toUpperCase();
    let badge = base;
    for (let number = 2; used.has(badge); number++) badge = base + number;
    used.add(badge);
    return badge;
  });
}
