// SPDX-License-Identifier: GPL-3.0-or-later
// What is looked at, and what follows from it. Views listen and draw.

import { compileFilter } from './filter.js';
import { foldRange, unlistedGroups } from './fold.js';
import { attachRows, newModel } from './model.js';
import { loadRows, loadStacks } from './rows.js';

function wholeFigures (model) {
  const { head } = model;

  return { summary: head.summary, histograms: head.histograms, cards: model.cards, threads: model.threads,
           variableGroups: model.variableGroups, callSites: model.callSites, types: model.types,
           begin: head.selection.begin, end: head.selection.end, instant: head.selection.instant };
}

export class Store {
  constructor (source, head) {
    this.source = source;
    this.model = newModel (head);
    this.whole = wholeFigures (this.model);
    this.figures = this.whole;
    this.listeners = new Set ();
    this.rowsReady = null;
    this.rowsProgress = 0;
    this.opened = {};        // lists of the overview: how much of them is shown
    this.isSettled = true;   // the figures are those of the range
    this.muted = new Set (); // findings, by the reader, as long as the page is open
    this.mapState = {};      // what the map is set to, as long as the page is open
    this.state = { view: 'overview', range: null, instant: null, query: '', filter: null, stages: new Set (), minimum: 0, thread: null, category: null,
                   grouping: 'thread', sort: 'live', display: 'cards', collapsed: new Set (), card: null, tab: 'overview', block: null };
  }

  subscribe (listener) {
    this.listeners.add (listener);
    return () => this.listeners.delete (listener);
  }

  // `change` tells listeners what is new: names of members of the state.
  set (change) {
    Object.assign (this.state, change);
    this.emit (Object.keys (change));
  }

  emit (names) {
    const changed = new Set (names);

    for (const listener of [...this.listeners])
      listener (changed, this);
  }

  // The stacks: once, when first needed.
  loadStacks () {
    this.stacksReady ??= loadStacks (this.source);

    return this.stacksReady;
  }

  // All blocks of the page: once, when first needed.
  loadRows () {
    this.rowsReady ??= (async () => {
      const stacks = await this.loadStacks ();
      const rows = await loadRows (this.source, this.model.head.contents.rows, done => {
        this.rowsProgress = done;
        this.emit (['rowsProgress']);
      });

      await attachRows (this.model, rows, stacks);
      this.emit (['rows']);
      setTimeout (() => this.completeWhole (), 0);
    }) ();

    return this.rowsReady;
  }

  // The head lists the groups that matter most; the blocks tell of the others.
  completeWhole () {
    if (!this.model.complete)
      return;

    const { rows } = this.model;
    const { mask } = rows;

    rows.mask = null;

    const rest = unlistedGroups (this.model);

    rows.mask = mask;

    for (const [name, groups] of Object.entries (rest))
      this.whole[name] = [...this.whole[name], ...groups];
    if (this.figures === this.whole && Object.keys (rest).length)
      this.emit (['figures']);
  }

  // null: the whole. Times are in ns; the range is half open.
  async setRange (range) {
    if (range && range[1] - range[0] < 1)
      range = null;
    if (range && range[0] <= this.whole.begin && range[1] >= this.whole.end)
      range = null;
    this.state.range = range;
    this.state.instant = null;
    this.emit (['range']);
    await this.fold ();
  }

  // A filter expression, { text, root } as parsed; null: none. It rules all views.
  async setFilter (filter) {
    if (this.state.filter?.text === filter?.text)
      return;
    this.state.filter = filter;
    this.emit (['filter']);
    await this.fold ();
  }

  // The figures of the range and the filter.
  async fold () {
    const { range, filter } = this.state;

    this.isSettled = false;
    if ((range || filter) && this.model.complete) {
      await this.loadRows ();
      if (this.state.range !== range || this.state.filter !== filter)
        return;

      const { whole } = this;
      const [begin, end] = range ?? [whole.begin, whole.end];

      this.mask (range ? end : whole.instant);
      this.figures = foldRange (this.model, begin, end, range ? end : whole.instant);
    } else {
      if (this.model.rows)
        this.model.rows.mask = null;
      this.figures = this.whole;
    }
    this.isSettled = true;
    this.emit (['figures']);
  }

  // Which rows pass the filter: asked once of each.
  mask (instant) {
    const { rows } = this.model;
    const { filter } = this.state;

    rows.mask = null;
    if (!filter)
      return;

    const passes = compileFilter (filter.root, this.model, instant);
    const mask = new Uint8Array (rows.n);

    for (let i = 0; i < rows.n; i++)
      mask[i] = passes (i) ? 1 : 0;
    rows.mask = mask;
  }

  // What is alive when: the end of the range, unless another moment of it was chosen.
  get instant () {
    return this.state.instant ?? this.state.range?.[1] ?? this.whole.instant;
  }

  setInstant (instant) {
    const [begin, end] = this.state.range ?? [this.whole.begin, this.whole.end];

    this.set ({ instant: instant === null || instant >= end ? null : Math.max (instant, begin) });
  }

  // The card as it is in the range: same thread and variable.
  cardInRange (card) {
    return this.figures.cards.find (other => other.index === card.index) ?? { ...card, rows: 0, births: 0, bornBytes: 0, deaths: 0, deadBytes: 0,
      temporary: 0, liveBlocks: 0, liveBytes: 0, peakBytes: 0, peakTime: null, firstTime: null, lastTime: null, largest: 0, sharedBlocks: 0, stage: 'freed' };
  }

  async extrasOf (row) {
    const lines = await this.source.extras (Math.floor (row / 65536));
    const line = lines?.[row % 65536];

    if (!line)
      return null;
    try {
      return JSON.parse (`{${line}}`);
    } catch {
      return null;
    }
  }
}
