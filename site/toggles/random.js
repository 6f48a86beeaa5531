// The noise of a seed, to the digit as NumPy draws it: numpy.random.default_rng(seed).standard_normal(n, "float32").
// SeedSequence and PCG64 (O'Neill 2014, XSL-RR 128/64); the normal numbers by a ziggurat of 256 layers
// (Marsaglia & Tsang 2000). So a seed is the same face here and in a notebook.
'use strict';
var facegen = window.facegen || {};
window.facegen = facegen;

facegen.random = (() => {
  const WORD = (1n << 64n) - 1n, LONG = (1n << 128n) - 1n;
  const MULTIPLIER = (2549297995355413924n << 64n) + 4865540595714422341n;

  // Eight 32-bit words from a seed below 2^32.
  function state(seed) {
    let constant = 0x43b0d7e5;
    const scramble = value => {
      value = (value ^ constant) >>> 0;
      constant = Math.imul(constant, 0x931e8875) >>> 0;
      value = Math.imul(value, constant) >>> 0;
      return (value ^ (value >>> 16)) >>> 0;
    };
    const mix = (x, y) => {
      const mixed = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) >>> 0;
      return (mixed ^ (mixed >>> 16)) >>> 0;
    };
    const pool = [seed >>> 0, 0, 0, 0].map(scramble);
    for (let from = 0; from < 4; from++)
      for (let to = 0; to < 4; to++)
        if (from !== to) pool[to] = mix(pool[to], scramble(pool[from]));
    constant = 0x8b51f9dd;
    return Array.from({length: 8}, (_, i) => {
      let value = (pool[i % 4] ^ constant) >>> 0;
      constant = Math.imul(constant, 0x58f38ded) >>> 0;
      value = Math.imul(value, constant) >>> 0;
      return (value ^ (value >>> 16)) >>> 0;
    });
  }

  // A function that gives the next 32 random bits.
  function bits(seed) {
    const words = state(seed).map(BigInt);
    const [a, b, c, d] = [0, 2, 4, 6].map(i => words[i] | (words[i + 1] << 32n));
    const increment = ((((c << 64n) | d) << 1n) | 1n) & LONG;
    let now = (increment + ((a << 64n) | b)) & LONG, kept = null;
    const step = () => { now = (now * MULTIPLIER + increment) & LONG; };
    step();
    return () => {
      if (kept !== null) {
        const high = kept;
        kept = null;
        return high;
      }
      step();
      const folded = (now >> 64n) ^ (now & WORD), turn = now >> 122n;
      const word = ((folded >> turn) | (folded << ((64n - turn) & 63n))) & WORD;
      kept = Number(word >> 32n);
      return Number(word & 0xffffffffn);
    };
  }

  // The ziggurat: widths, heights and limits of its layers, from the innermost (1) to the outermost (255).
  const EDGE = 3.6541528853610088, AREA = 0.00492867323397465524494;
  const density = x => Math.exp(-0.5 * x * x);
  const edges = new Float64Array(256);
  edges[255] = EDGE;
  for (let i = 255; i > 1; i--) edges[i - 1] = Math.sqrt(-2 * Math.log(AREA / edges[i] + density(edges[i])));
  const base = AREA / density(EDGE), SIZE = 2 ** 23, f = Math.fround;
  const width = Float32Array.from(edges, (x, i) => (i ? x : base) / SIZE);
  const height = Float32Array.from(edges, density);
  const limit = Array.from(edges, (x, i) => Math.floor((i ? edges[i - 1] / x : EDGE / base) * SIZE));

  function normal(next) {
    const share = () => f((next() >>> 8) / 16777216);
    for (;;) {
      const r = next(), i = r & 255, size = (r >>> 9) & 0x7fffff;
      const x = f(size * width[i]) * ((r >>> 8) & 1 ? -1 : 1);
      if (size < limit[i]) return x;
      if (i) {
        if (f(f(height[i - 1] - height[i]) * share()) + height[i] < Math.exp(-0.5 * x * x)) return x;
        continue;
      }
      for (;;) {
        const far = f(-f(1 / EDGE) * f(Math.log1p(-share()))), y = f(-Math.log1p(-share()));
        if (y + y > far * far) return f((size >>> 8) & 1 ? -(EDGE + far) : EDGE + far);
      }
    }
  }

  return {
    // Float64Array(count) of normal numbers, or of numbers from 0 to 1.
    noise(seed, count, gaussian) {
      const next = bits(seed);
      return Float64Array.from({length: count}, () => (gaussian ? normal(next) : f((next() >>> 8) / 16777216)));
    },
  };
})();
