// SPDX-License-Identifier: GPL-3.0-or-later
// The blocks of a variable: as many as there are, drawn as they come in sight.

import { h, replace } from '../dom.js';
import { address, bytes, duration, moment } from '../format.js';
import { t } from '../i18n.js';
import { orderBy } from '../order.js';
import { NEVER } from '../rows.js';

const LINE = 28;

// The number to sort by, and whether the largest comes first.
const SORTS = [
  ['address', 'Address', rows => i => rows.addressHigh[i] * 4294967296 + rows.addressLow[i], false],
  ['size', 'Size', rows => i => rows.size[i], true],
  ['birth', 'Born', () => i => i, false],
  ['life', 'Lived', rows => i => rows.death[i] - rows.birth[i], true],
];

export class Blocks {
  constructor (store) {
    this.store = store;
    this.sort = 'size';
    this.canvas = h ('div', { class: 'canvas' });
    this.heads = h ('div', { class: 'block-line block-heads' });
    this.scroll = h ('div', { class: 'block-scroll', role: 'list', 'aria-label': t ('Blocks'), onscroll: () => this.draw (), onkeydown: event => this.key (event) }, this.canvas);
    this.element = h ('div', { class: 'blocks' }, this.heads, this.scroll);
    new ResizeObserver (() => this.draw ()).observe (this.scroll);
  }

  show (found) {
    const [, , numberOf, descending] = SORTS.find (([key]) => key === this.sort);

    if (this.sorted?.found !== found || this.sorted.sort !== this.sort)
      this.sorted = { found, sort: this.sort, rows: orderBy (found, numberOf (this.store.model.rows), descending) };
    this.found = this.sorted.rows;
    replace (this.heads, SORTS.map (([key, words]) => h ('button', { class: 'flat', type: 'button', 'aria-pressed': String (key === this.sort),
      onclick: () => {
        this.sort = key;
        this.show (found);
      } }, t (words))));
    this.canvas.style.setProperty ('height', `${this.found.length * LINE}px`);
    this.scroll.style.setProperty ('height', `${Math.min (this.found.length, 8) * LINE + 2}px`);
    this.draw ();
  }

  draw () {
    if (!this.found)
      return;

    const first = Math.max (Math.floor (this.scroll.scrollTop / LINE) - 4, 0);
    const last = Math.min (first + Math.ceil ((this.scroll.clientHeight || 8 * LINE) / LINE) + 8, this.found.length);

    replace (this.canvas, Array.from (this.found.subarray (first, last), (row, k) => this.newLine (row, first + k)));
  }

  newLine (row, place) {
    const { store } = this;
    const { rows } = store.model;
    const alive = rows.death[row] === NEVER;
    const selected = store.state.block === row;
    const line = h ('button', { class: 'block-line', type: 'button', 'data-row': row, 'data-place': place, 'aria-pressed': String (selected),
                                onclick: () => store.set ({ block: row }) },
                    h ('code', null, address (rows.addressLow[row], rows.addressHigh[row])), h ('span', { class: 'num' }, bytes (rows.size[row])),
                    h ('span', { class: 'num' }, moment (rows.birth[row])), h ('span', { class: alive ? 'num strong' : 'num dim' }, alive ? t ('alive') : duration (Math.max (rows.death[row] - rows.birth[row], 0))));
    const item = h ('div', { class: 'placed', role: 'listitem', 'aria-setsize': this.found.length, 'aria-posinset': place + 1 }, line);

    item.style.setProperty ('top', `${place * LINE}px`);

    return item;
  }

  key (event) {
    const moves = { ArrowUp: -1, ArrowDown: 1, PageUp: -7, PageDown: 7, Home: -Infinity, End: Infinity };
    const current = event.target.closest ('[data-place]');

    if (!current || !(event.key in moves))
      return;
    event.preventDefault ();

    const to = Math.min (Math.max (Number (current.dataset.place) + moves[event.key], 0), this.found.length - 1);

    if (to * LINE < this.scroll.scrollTop)
      this.scroll.scrollTop = to * LINE;
    else if ((to + 1) * LINE > this.scroll.scrollTop + this.scroll.clientHeight)
      this.scroll.scrollTop = (to + 1) * LINE - this.scroll.clientHeight;
    this.draw ();
    this.canvas.querySelector (`[data-place="${to}"]`)?.focus ({ preventScroll: true });
  }
}


