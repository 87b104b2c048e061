// SPDX-License-Identifier: GPL-3.0-or-later
// What is looked at, and what follows from it. Views listen and draw.

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
    this.state = { view: 'overview', range: null, instant: null, query: '', stages: new Set (), minimum: 0, thread: null, category: null,
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

    const rest = unlistedGroups (this.model);

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
    this.isSettled = false;
    this.emit (['range']);

    if (range && this.model.complete) {
      await this.loadRows ();
      if (this.state.range !== range)
        return;
      this.figures = foldRange (this.model, range[0], range[1]);
    } else {
      this.figures = this.whole;
    }
    this.isSettled = true;
    this.emit (['figures']);
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
