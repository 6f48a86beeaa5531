// The panel of one model: controls, and at once the face that they ask for.
'use strict';

facegen.panel = (() => {
  const {looks} = facegen, KEPT = 10, STEPS = 16, SEATS = 3, SLIDERS = 10;

  // An element with attributes, properties, listeners ("onclick") and children.
  function make(tag, given = {}, ...children) {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(given))
      if (key.startsWith('on') || key in element) element[key] = value;
      else element.setAttribute(key, value);
    element.append(...children);
    return element;
  }
  const button = (text, title, press, more = {}) => make('button', {type: 'button', title, onclick: press, ...more}, text);
  const group = (title, ...children) => make('fieldset', {}, make('legend', {}, title), ...children);

  function slider(text, title, low, high, step, move) {
    const shown = make('span', {className: 'fg-value', 'aria-hidden': 'true'});
    const input = make('input', {type: 'range', min: low, max: high, step, title, 'aria-label': text,
      oninput: () => move(Number(input.value))});
    const set = value => {
      input.value = value;
      shown.textContent = step < 1 ? Number(value).toFixed(2) : `${Math.round(value)}\u00b0`;
      input.setAttribute('aria-valuetext', shown.textContent);
    };
    return {input, set, element: make('label', {className: 'fg-slider'}, make('span', {}, text), input, shown)};
  }

  class Panel {
    constructor(root, model, draw) {
      Object.assign(this, {root, model, draw, kept: [], ends: {}, count: 0, source: '', waiting: null, share: 0});
      this.look = this.start = looks.first(model);
      this.build();
    }

    // One action: change the look, draw it once, show it. While one is drawn, only the newest wish waits.
    async act(change, source = '', keep = true) {
      let look;
      try {
        look = change(this.look);
        looks.inputs(look, this.model);  // or say why there are none
      } catch (error) {
        return this.said(error);
      }
      this.look = look;
      this.waiting = {look, source, keep};
      this.busy = this.busy || this.work().finally(() => { this.busy = null; });
      return this.busy;
    }

    async work() {
      while (this.waiting) {
        const {look, source, keep} = this.waiting, begun = performance.now();
        this.waiting = null;
        try {
          this.picture = await this.draw(looks.inputs(look, this.model));
        } catch (error) {
          this.said(error);
          continue;
        }
        this.canvas.getContext('2d').putImageData(new ImageData(this.picture.pixels, this.picture.width), 0, 0);
        this.milliseconds = performance.now() - begun;
        this.keep(look, source, keep);
        this.status.className = 'fg-status';
        this.status.textContent = `face ${this.now.number}, drawn in ${Math.round(this.milliseconds)} ms`;
      }
      this.show();
    }

    said(error) {
      this.status.className = 'fg-status fg-wrong';
      this.status.textContent = error.message || String(error);
      this.show();
    }

    keep(look, source, keep) {
      if (!keep) return;
      if (source && source === this.source && this.kept.length) this.kept.shift();
      else this.count++;
      this.source = source;
      this.now = {number: this.count, look, picture: this.picture};
      this.kept.unshift(this.now);
      this.kept.length = Math.min(this.kept.length, KEPT);
    }

    back(face) {
      this.now = face;
      this.source = '';
      return this.act(() => face.look, '', false);
    }

    take(end) {
      this.ends[end] = this.now;
      this.share = 'AB'.indexOf(end);
      this.show();
    }

    morph(t) {
      return this.act(() => {
        this.share = t;
        return looks.between(this.ends.A.look, this.ends.B.look, t, this.model);
      }, 'morph');
    }

    async save() {
      const file = await facegen.png(this.picture, this.model.says, this.model.software);
      const address = URL.createObjectURL(new Blob([file], {type: 'image/png'}));
      make('a', {href: address, download: `face-${this.now.number}.png`}).click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
    }

    newFace() {
      const seed = crypto.getRandomValues(new Uint32Array(1))[0];
      return this.act(look => looks.seeded(look, seed, this.model));
    }

    // Chance chooses: toggles as a person of the training had them; one or two people, one or two emotions, an angle.
    somebody() {
      const any = count => Math.floor(Math.random() * count);
      return this.act(look => this.model.conditions.reduce((changed, {name, kind, columns, examples}) => {
        const row = columns.map(() => 0);
        if (kind === 'mixture') for (const i of [any(row.length), any(row.length)]) row[i] = 1;
        const chosen = {
          mixture: () => row,
          angle: () => looks.direction(180 * Math.random() - 90),
          binary: () => [...(examples.length ? examples[any(examples.length)] : row)].map(Number),
        };
        return looks.withRow(changed, name, chosen[kind]());
      }, look));
    }

    reset() {
      return this.act(look => ({...this.start, noise: look.noise, seed: look.seed}));
    }

    build() {
      const {model} = this, [height, width] = model.shape;
      this.canvas = make('canvas', {width, height, role: 'img', tabIndex: -1});
      this.status = make('p', {className: 'fg-status', role: 'status', 'aria-live': 'polite'});
      this.controls = model.conditions.map(condition => this[condition.kind](condition));
      this.root.style.setProperty('--fg-width', `${width * Math.max(1, Math.floor(384 / Math.max(height, width)))}px`);
      const left = make('div', {className: 'fg-left'}, make('div', {className: 'fg-picture'}, this.canvas), this.status, this.buttons());
      const right = make('div', {className: 'fg-right'}, ...this.controls.map(control => control.element));
      this.root.replaceChildren(make('div', {className: 'fg-panel'}, left, right, this.last()));
      this.root.setAttribute('aria-busy', 'false');
    }

    buttons() {
      const binary = this.model.conditions.some(({kind}) => kind === 'binary');
      const chance = binary ? ['Other toggles', 'The toggles of somebody from the training'] : ['Somebody', 'Chance chooses who, how and from where'];
      const all = [
        button(...chance, () => this.somebody()),
        button('Reset', 'All controls as at the beginning', () => this.reset()),
        button('Save PNG', 'Download the picture in its own size', () => this.save()),
      ];
      if (!this.model.noise) return make('div', {className: 'fg-buttons'}, ...all);
      this.seed = make('input', {type: 'text', inputMode: 'numeric', size: 11, autocomplete: 'off',
        title: 'The same number, the same face: here and in facegen.load(...).generate(seed=...)',
        onchange: () => this.act(look => looks.seeded(look, looks.seed(this.seed.value), this.model))});
      this.truncation = slider('Truncation', 'How much of the noise is used: at 0, the most usual face with these toggles', 0, 1, 0.01,
        value => this.act(look => ({...look, truncation: value}), 'truncation'));
      return make('div', {className: 'fg-buttons'},
        button('New face', 'Another face with the same toggles', () => this.newFace()), ...all,
        make('label', {}, 'Seed ', this.seed), this.truncation.element);
    }

    // Attributes: a toggle each, in groups.
    binary({name, columns, groups, exclusive, spoken, sure}) {
      const boxes = columns.map((column, i) => make('input', {type: 'checkbox', onchange: () => this.act(look =>
        looks.withRow(look, name, looks.switched(look.rows[name], columns, exclusive, column, Number(boxes[i].checked))))}));
      const toggle = column => make('label', {className: sure.includes(column) ? 'fg-toggle fg-sure' : 'fg-toggle',
        title: sure.includes(column) ? 'People mostly agree on who has this' : 'People often disagree on who has this'},
      boxes[columns.indexOf(column)], spoken[columns.indexOf(column)]);
      const sets = Object.entries(groups).map(([title, names]) => group(title, ...names.map(toggle)));
      return {
        element: make('div', {className: 'fg-groups'}, ...sets),
        show: row => boxes.forEach((box, i) => { box.checked = row[i] > 0.5; }),
        tell: row => columns.map((_, i) => spoken[i]).filter((_, i) => row[i] > 0.5).join(', '),
      };
    }

    // People, emotions: weights of a few that are mixed.
    mixture({name, columns}) {
      const few = columns.length <= SLIDERS, seats = few ? columns.map((_, i) => i) : [...Array(SEATS).keys()];
      const put = (change, source) => this.act(look => looks.withRow(look, name, change([...look.rows[name]])), source);
      const weights = seats.map((_, place) => slider(few ? columns[place] : `Weight of ${name} ${place + 1}`, `How much of this ${name}`, 0, 1, 0.05,
        value => put(row => { row[seats[place]] = value; return row; }, `${name} ${place}`)));
      const choices = few ? [] : seats.map((_, place) => make('select', {'aria-label': `${name} ${place + 1}`,
        onchange: () => put(row => {
          const chosen = choices[place].selectedIndex, old = seats[place], other = seats.indexOf(chosen);
          if (other >= 0) seats[other] = old;
          [row[old], row[chosen]] = [row[chosen], row[old]];
          seats[place] = chosen;
          return row;
        })}, ...columns.map(column => make('option', {}, column))));
      const rows = weights.map(({element}, place) => (few ? element : make('div', {className: 'fg-seat'}, choices[place], element)));
      return {
        element: group(name, ...rows),
        show: row => {
          const heaviest = row.map((_, i) => i).sort((a, b) => row[b] - row[a] || a - b).slice(0, seats.length);
          for (const column of heaviest) {
            const idle = seats.findIndex(seat => row[seat] === 0);
            if (row[column] && !seats.includes(column) && idle >= 0) seats[idle] = column;
          }
          choices.forEach((choice, place) => { choice.selectedIndex = seats[place]; });
          weights.forEach((weight, place) => weight.set(row[seats[place]]));
        },
        tell: row => columns.filter((_, i) => row[i] > 0.01).map(column => `${name} ${column}`).join(' and '),
      };
    }

    // An angle: a ring of directions, seen from above, 0 degrees at the bottom; and a slider.
    angle({name}) {
      const turn = (angle, source) => this.act(look => looks.withRow(look, name, looks.direction(angle)), source);
      const ring = Array.from({length: STEPS}, (_, k) => {
        const angle = (((k * 360) / STEPS + 180) % 360) - 180;
        const step = button('', `${name}: ${angle} degrees`, () => turn(angle), {className: 'fg-step', 'aria-label': `${name}: ${angle} degrees`});
        step.style.setProperty('--fg-x', Math.sin((angle * Math.PI) / 180));
        step.style.setProperty('--fg-y', Math.cos((angle * Math.PI) / 180));
        return step;
      });
      const shown = make('span', {className: 'fg-degrees', 'aria-hidden': 'true'});
      const degrees = slider('degrees', `${name}: 0 looks at you`, -180, 180, 1, angle => turn(angle, `${name} degrees`));
      return {
        element: group(name, make('div', {className: 'fg-wheel', role: 'group', 'aria-label': name}, ...ring, shown), degrees.element),
        show: row => {
          const angle = looks.degrees(row), near = (Math.round((angle * STEPS) / 360) + STEPS) % STEPS;
          ring.forEach((step, k) => step.setAttribute('aria-pressed', k === near));
          shown.textContent = `${Math.round(angle)}\u00b0`;
          degrees.set(angle);
        },
        tell: row => `turned ${Math.round(looks.degrees(row))} degrees`,
      };
    }

    last() {
      this.strip = make('div', {className: 'fg-thumbs'});
      this.slots = make('div', {className: 'fg-thumbs'});
      this.way = slider('Morph A to B', 'From face A to face B; take both first', 0, 1, 0.01, t => this.morph(t));
      return make('div', {className: 'fg-last'}, group('last faces', this.strip),
        group('morph between two of them', this.slots, this.way.element));
    }

    thumb(face, text, title, press) {
      const made = button(text, title, press, {className: 'fg-thumb', 'aria-label': title});
      if (!face) return made;
      const {width, height, pixels} = face.picture, canvas = make('canvas', {width, height, 'aria-hidden': 'true'});
      canvas.getContext('2d').putImageData(new ImageData(pixels, width), 0, 0);
      made.prepend(canvas);
      made.setAttribute('aria-pressed', face === this.now);
      return made;
    }

    // Bring everything in step with the look; whoever has the focus keeps it.
    show() {
      const focused = [...this.root.querySelectorAll('button.fg-thumb')].indexOf(document.activeElement);
      this.model.conditions.forEach(({name}, i) => this.controls[i].show(this.look.rows[name]));
      if (this.seed) {
        this.seed.value = this.look.seed === null ? '' : this.look.seed;
        this.truncation.set(this.look.truncation);
      }
      const told = this.model.conditions.map(({name}, i) => this.controls[i].tell(this.look.rows[name]));
      this.canvas.setAttribute('aria-label', `The face that was drawn: ${told.filter(Boolean).join('; ')}`);
      this.strip.replaceChildren(...this.kept.map(face => this.thumb(face, String(face.number), `Back to face ${face.number}`, () => this.back(face))));
      this.slots.replaceChildren(...['A', 'B'].map(end => this.thumb(this.ends[end], end, `Take the present face as ${end} of the morph`, () => this.take(end))));
      this.way.input.disabled = !(this.ends.A && this.ends.B);
      this.way.set(this.share);
      if (focused >= 0) [...this.root.querySelectorAll('button.fg-thumb')][focused]?.focus();
    }
  }

  // Put the panel of a model into an element, and draw the first face.
  return async (root, model) => {
    try {
      await (facegen.started = facegen.started || facegen.runtime());
      const panel = new Panel(root, model, await facegen.network(model));
      await panel.act(look => look);
      root.panel = panel;
    } catch (error) {
      root.setAttribute('aria-busy', 'false');
      root.replaceChildren(make('p', {className: 'fg-status fg-wrong', role: 'alert'},
        `This browser cannot draw the faces: ${error.message || error}. A current Firefox, Chrome, Edge or Safari can.`));
      throw error;
    }
  };
})();

document.addEventListener('DOMContentLoaded', () => {
  for (const root of document.querySelectorAll('.fg-root')) facegen.panel(root, facegen.models[root.dataset.model]);
});
