// What is asked for, and how one wish follows from another: the rules of facegen's own panel. No page, no network.
// A look is {rows: {condition: numbers}, seed, noise, truncation}; it is never changed, each change is another one.
'use strict';

facegen.looks = (() => {
  const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const length = a => Math.sqrt(dot(a, a));
  const lerp = (a, b, t) => a.map((x, i) => (1 - t) * x + t * b[i]);
  const scaled = (a, factor) => a.map(x => x * factor);

  // The arc from a to b, whose length goes evenly from that of the one to that of the other (Shoemake 1985).
  function slerp(a, b, t) {
    const lengths = [length(a), length(b)];
    if (!Math.min(...lengths)) return lerp(a, b, t);
    const one = scaled(a, 1 / lengths[0]);
    let other = scaled(b, 1 / lengths[1]);
    let cosine = Math.max(-1, Math.min(1, dot(one, other)));
    const angle = Math.atan2(length(other.map((x, i) => x - cosine * one[i])), cosine);
    if (angle > Math.PI - 1e-6) {
      const sizes = one.map(Math.abs), least = sizes.indexOf(Math.min(...sizes));
      other = one.map((_, i) => (i === least ? 1 : 0));
      cosine = one[least];
    }
    const rest = other.map((x, i) => x - cosine * one[i]), size = length(rest) || 1;
    const long = (1 - t) * lengths[0] + t * lengths[1];
    return one.map((x, i) => long * (Math.cos(t * angle) * x + (Math.sin(t * angle) * rest[i]) / size));
  }

  const degrees = row => (Math.atan2(row[0], row[1]) * 180) / Math.PI;
  const direction = angle => [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];

  // A row of attributes in which one has another value, and what excludes it makes room.
  function switched(row, columns, exclusive, name, value) {
    row = [...row];
    row[columns.indexOf(name)] = value;
    for (const group of exclusive)
      for (const other of group.includes(name) ? group : []) {
        const i = columns.indexOf(other);
        if (other !== name && i >= 0) row[i] = Math.min(row[i], Math.max(0, 1 - value));
      }
    return row;
  }

  const ways = {
    binary: lerp,
    mixture: slerp,
    angle: (a, b, t) => {
      const start = degrees(a), way = degrees(b) - start;
      return direction(start + t * (Math.abs(way) > 180 ? way - 360 * Math.sign(way) : way));
    },
  };

  // The look at t from 0 (start) to 1 (end).
  function between(start, end, t, model) {
    if (t === 0 || t === 1) return t ? end : start;
    const rows = {};
    for (const {name, kind} of model.conditions) rows[name] = ways[kind](start.rows[name], end.rows[name], t);
    const noise = start.noise && (model.gaussian ? slerp : lerp)(start.noise, end.noise, t);
    const same = start.seed !== null && start.seed === end.seed;
    return {
      rows, noise, seed: same ? start.seed : null,
      truncation: (1 - t) * start.truncation + t * end.truncation,
    };
  }

  // What the network is given for a look: mixtures of unit length, noise as far as it is used.
  function inputs(look, model) {
    const given = {};
    for (const {name, kind} of model.conditions) {
      const row = look.rows[name];
      if (kind === 'mixture' && !length(row)) throw Error(`${name}: give somebody a weight above 0.`);
      given[name] = kind === 'mixture' ? scaled(row, 1 / length(row)) : row;
    }
    const mean = model.gaussian ? 0 : 0.5;
    if (model.noise) given.noise = look.noise.map(x => mean + look.truncation * (x - mean));
    return given;
  }

  function seeded(look, seed, model) {
    return model.noise ? {...look, seed, noise: [...facegen.random.noise(seed, model.noise, model.gaussian)]} : look;
  }

  function first(model) {
    const rows = Object.fromEntries(model.conditions.map(({name, start}) => [name, [...start]]));
    return seeded({rows, seed: null, noise: null, truncation: 1}, 0, model);
  }

  // The seed that somebody has typed, or an error that says what was expected.
  function seed(text) {
    const cleaned = text.replace(/[\s,]/g, '');
    if (/^\d{1,10}$/.test(cleaned) && Number(cleaned) < 2 ** 32) return Number(cleaned);
    throw Error(`Seed: expected a whole number from 0 to 4,294,967,295, found '${text.slice(0, 40)}'.`);
  }

  const withRow = (look, name, row) => ({...look, rows: {...look.rows, [name]: row}});
  return {between, degrees, direction, first, inputs, seed, seeded, switched, withRow};
})();
