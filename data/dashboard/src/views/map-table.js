// SPDX-License-Identifier: GPL-3.0-or-later
// The same as tables: the lanes, and the blocks of one of them, however many.

import { h, replace } from '../dom.js';
import { bytes, count, duration, percent } from '../format.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { nameTag, stageWord } from './cards.js';
import { STAGE_NAMES } from './map-card.js';
import { addressOf, hex } from './map-data.js';
import { laneFigures, laneStart } from './map-lanes.js';

const LINE = 28;
const TALLEST = 8000000;   // pixels: what every browser scrolls exactly

export class Twin {
  constructor (map) {
    this.map = map;
    this.lanes = h ('tbody');
    this.blockHead = h ('h2', { class: 'map-twin-title' });
    this.canvas = h ('div', { class: 'canvas', role: 'rowgroup' });
    this.sort = 'address';
    this.heads = h ('div', { class: 'map-twin-line map-twin-heads', role: 'row' });
    this.scroll = h ('div', { class: 'map-twin-scroll', role: 'none', onscroll: () => this.drawBlocks () }, this.heads, this.canvas);
    this.grid = h ('div', { class: 'map-twin-blocks', role: 'grid' }, this.scroll);
    this.element = h ('div', { class: 'map-twin', hidden: true },
                      h ('div', { class: 'map-twin-lanes', tabindex: 0, role: 'region', 'aria-label': t ('Lanes') },
                         h ('table', null, h ('caption', { class: 'unseen' }, t ('Lanes')),
                            h ('thead', null, h ('tr', null, [[t ('Lane')], [t ('From')], [t ('Length'), 1], [t ('Blocks'), 1], [t ('Live'), 1], [t ('Holes'), 1], [t ('Fragmentation'), 1], [t ('Sparse pages'), 1]]
                              .map (([words, figures]) => h ('th', { scope: 'col', class: figures ? 'num' : null }, words)))),
                            this.lanes)),
                      this.blockHead, this.grid);
    this.element.addEventListener ('keydown', event => this.key (event));
    new ResizeObserver (() => this.drawBlocks ()).observe (this.scroll);
  }

  draw (withSelected = true) {
    const { map } = this;

    if (this.element.hidden)
      return;

    const known = (value, words) => value === null || value === undefined ? '–' : words (value);

    replace (this.lanes, map.lanes.map (lane => {
      const figures = laneFigures (lane);
      const chosen = lane === map.lane;

      return h ('tr', { class: chosen ? 'map-twin-chosen' : null },
                h ('td', null, h ('button', { class: 'link map-twin-lane', type: 'button', 'aria-pressed': String (chosen), onclick: () => this.choose (lane) }, lane.label.slice (0, 200)),
                   lane.recorded ? null : h ('span', { class: 'dim caption' }, ' ', t ('inferred from addresses'))),
                h ('td', null, h ('code', null, hex (laneStart (lane)))), h ('td', { class: 'num' }, bytes (figures.length)), h ('td', { class: 'num' }, count (figures.blocks)),
                h ('td', { class: 'num' }, bytes (figures.live)), h ('td', { class: 'num' }, known (figures.holes, bytes)),
                h ('td', { class: 'num' }, known (figures.fragmentation, value => `${percent (value)} %`)), h ('td', { class: 'num' }, known (figures.sparse, bytes)));
    }));

    const lane = map.lane ?? map.lanes[0];

    this.lane = lane;
    this.blockHead.textContent = lane ? t ('Blocks of {lane}: {n}', { lane: lane.label.slice (0, 200), n: count (lane.n) }) : '';
    this.grid.setAttribute ('aria-label', this.blockHead.textContent);
    this.grid.setAttribute ('aria-rowcount', lane ? lane.n + 1 : 0);
    this.order = lane ? this.sortLane (lane) : null;
    this.drawHeads ();
    this.height = Math.min ((lane?.n ?? 0) * LINE, TALLEST);
    this.canvas.style.setProperty ('height', `${this.height}px`);
    if (withSelected)
      this.reveal ();
    this.drawBlocks ();
  }

  drawHeads () {
    const heads = [['address', t ('Address')], ['size', t ('Size'), true], [null, t ('Name')], [null, t ('Thread')], ['age', t ('Age'), true], [null, t ('Stage')]];
    const focused = this.heads.contains (document.activeElement) ? document.activeElement.dataset.sort : null;

    replace (this.heads, heads.map (([key, words, figures]) =>
      h ('span', { role: 'columnheader', class: figures ? 'num' : null, 'aria-sort': key === this.sort ? key === 'address' ? 'ascending' : 'descending' : null },
         key === null ? words : h ('button', { class: 'map-twin-sort', type: 'button', 'data-sort': key, onclick: () => {
           this.sort = key;
           this.draw (false);
           this.scroll.scrollTop = 0;
         } }, words, key === this.sort ? icon (key === 'address' ? 'up' : 'down', 10) : null))));
    if (focused)
      this.heads.querySelector (`[data-sort="${focused}"]`)?.focus ();
  }

  // The blocks of a lane as they are listed; null: by address, as they stand.
  sortLane (lane) {
    const { data } = this.map;

    if (this.sort === 'address')
      return null;

    const key = this.sort === 'size' ? k => -data.size[lane.block (k)] : k => data.birth[lane.block (k)];
    const keys = Float64Array.from ({ length: lane.n }, (_, k) => key (k));

    return Uint32Array.from ({ length: lane.n }, (_, k) => k).sort ((a, b) => keys[a] - keys[b] || a - b);
  }

  blockAt (k) {
    return this.lane.block (this.order ? this.order[k] : k);
  }

  choose (lane) {
    this.map.chooseLane (lane);
    this.lanes.querySelector ('[aria-pressed="true"]')?.focus ();
  }

  // Lines may be too many for one element: then the bar moves them by more than it shows.
  get firstLine () {
    const all = this.lane.n * LINE;
    const sight = this.scroll.clientHeight;

    return all <= TALLEST ? this.scroll.scrollTop / LINE : this.scroll.scrollTop / Math.max (TALLEST - sight, 1) * (all - sight) / LINE;
  }

  scrollTo (k) {
    const all = this.lane.n * LINE;
    const sight = this.scroll.clientHeight;

    this.scroll.scrollTop = all <= TALLEST ? k * LINE : k * LINE / (all - sight) * (TALLEST - sight);
  }

  reveal () {
    const number = this.lane && this.map.selected >= 0 ? this.lane.numberOf (this.map.selected) : -1;
    const k = number >= 0 && this.order ? this.order.indexOf (number) : number;

    if (k >= 0 && (k < this.firstLine || (k + 1) * LINE > this.firstLine * LINE + this.scroll.clientHeight))
      this.scrollTo (Math.max (k - 2, 0));
  }

  drawBlocks () {
    const { lane, map } = this;

    if (!lane || this.element.hidden)
      return;

    const sight = Math.ceil ((this.scroll.clientHeight || 300) / LINE);
    const first = Math.min (Math.max (Math.floor (this.firstLine), 0), Math.max (lane.n - sight, 0));
    const skew = lane.n * LINE <= TALLEST ? 0 : this.scroll.scrollTop - first * LINE;
    const focused = this.canvas.contains (document.activeElement) ? Number (document.activeElement.dataset.k) : null;
    const from = Math.max (first - 4, 0);
    const to = Math.min (first + sight + 6, lane.n);

    replace (this.canvas, Array.from ({ length: Math.max (to - from, 0) }, (_, at) => this.newLine (map, lane, from + at, (from + at) * LINE + skew)));

    const inOrder = this.canvas.querySelector ('[aria-selected="true"]') ?? this.canvas.querySelector (`[data-k="${first}"]`);

    if (inOrder)
      inOrder.tabIndex = 0;
    if (focused !== null)
      this.canvas.querySelector (`[data-k="${focused}"]`)?.focus ({ preventScroll: true });
  }

  newLine (map, lane, k, top) {
    const { data, names } = map;
    const i = this.blockAt (k);
    const variable = names.variable (data.variable[i]);
    const line = h ('div', { class: 'map-twin-line placed', role: 'row', 'aria-rowindex': k + 2, 'data-k': k, tabindex: -1,
                             'aria-selected': String (map.selected === i), onclick: () => map.choose (i), ondblclick: () => map.inspect (i) },
                    h ('code', { role: 'gridcell' }, hex (addressOf (data, i))), h ('span', { role: 'gridcell', class: 'num' }, bytes (data.size[i])),
                    h ('span', { role: 'gridcell', class: 'map-twin-name' }, h ('code', { class: 'name' }, variable.name.slice (0, 200) || t ('(no name recorded)')), nameTag (variable)),
                    h ('span', { role: 'gridcell', class: 'name' }, names.thread (data.thread[i]).slice (0, 100) || '–'),
                    h ('span', { role: 'gridcell', class: 'num' }, duration (Math.max (data.instant - data.birth[i], 0))), h ('span', { role: 'gridcell' }, stageWord (STAGE_NAMES[data.stage[i]])));

    line.style.setProperty ('top', `${top}px`);

    return line;
  }

  key (event) {
    const current = event.target.closest?.('[data-k]');
    const moves = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };

    if (!current || !this.lane)
      return;

    const k = Number (current.dataset.k);

    if (event.key === 'Enter') {
      const i = this.blockAt (k);

      event.preventDefault ();
      if (this.map.selected === i)
        this.map.inspect (i);
      else
        this.map.choose (i);
      return;
    }
    if (!(event.key in moves))
      return;
    event.preventDefault ();

    const to = Math.min (Math.max (k + moves[event.key], 0), this.lane.n - 1);

    if (to < this.firstLine + 1 || to + 2 > this.firstLine + this.scroll.clientHeight / LINE)
      this.scrollTo (to < this.firstLine + 1 ? to : Math.max (to - Math.floor (this.scroll.clientHeight / LINE) + 2, 0));
    this.drawBlocks ();
    this.canvas.querySelector (`[data-k="${to}"]`)?.focus ({ preventScroll: true });
  }
}
