// SPDX-License-Identifier: GPL-3.0-or-later
// The thread–variable cards. Any number of them: only those in sight exist.

import { announce, h, replace } from '../dom.js';
import { bytes, count, duration, moment } from '../format.js';
import { n, t } from '../i18n.js';
import { icon, stageIcon } from '../icons.js';
import { STAGES } from '../model.js';
import { cardWords, categoryChip, nameTag, newCard, stageMark, stageWord } from './cards.js';
import { meter } from './charts.js';
import { FilterEntry } from './filter-entry.js';
import { Inspector } from './inspector.js';
import { Timeline } from './timeline.js';

const CARD_WIDTH = 250;
const CARD_HEIGHT = 113;
const LINE_HEIGHT = 36;
const HEADER_HEIGHT = 44;
const GAP = 12;
const OVERSCAN = 300;
const UNITS = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

export const SORTS = {
  live: ['Live bytes', (a, b) => b.liveBytes - a.liveBytes || b.peakBytes - a.peakBytes],
  peak: ['Peak', (a, b) => b.peakBytes - a.peakBytes],
  allocated: ['Allocated bytes', (a, b) => b.bornBytes - a.bornBytes],
  births: ['Allocations', (a, b) => b.births - a.births],
  temporary: ['Temporary', (a, b) => b.temporary - a.temporary],
  recent: ['Last event', (a, b) => (b.lastTime ?? -1) - (a.lastTime ?? -1)],
  name: ['Name', null],
};

// "buf type >64K": words that must all appear, and sizes that live bytes must exceed.
function parseQuery (query) {
  const sizes = [];
  const words = query.replace (/(?:size\s*)?>\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?(?=\s|$)/gi, (_, figure, unit) => {
    sizes.push (Number (figure) * UNITS[unit.toLowerCase ()]);
    return ' ';
  }).toLowerCase ().split (/\s+/).filter (word => word);

  return { words, minimum: Math.max (0, ...sizes) };
}

export function newMatcher (store) {
  const { model, state } = store;
  const { words, minimum } = state.filter ? { words: [], minimum: 0 } : parseQuery (state.query);
  const texts = new Map ();
  const textOf = card => {
    if (!texts.has (card.index)) {
      const variable = model.variable (card.variable);
      const sites = model.sitesOf ? [...model.sitesOf (card)] : variable.site ? [variable.site] : [];

      texts.set (card.index, [variable.name, variable.type, variable.scope, model.threadLabel (card.thread),
                              ...sites.flatMap (site => model.frameWords (site))].join ('\n').toLowerCase ());
    }
    return texts.get (card.index);
  };

  return card => (state.stages.size === 0 || state.stages.has (card.stage))
                 && Math.max (card.liveBytes, card.peakBytes) >= state.minimum
                 && card.largest >= minimum
                 && (state.thread === null || card.thread === state.thread)
                 && words.every (word => textOf (card).includes (word));
}

function groupCards (store, cards) {
  const { model, state } = store;
  const key = state.grouping === 'thread' ? card => card.thread : card => card.variable;
  const groups = new Map ();
  const matches = newMatcher (store);
  const [, order] = SORTS[state.sort];
  const byName = (a, b) => model.variableName (a.variable).localeCompare (model.variableName (b.variable));

  for (const card of cards) {
    const id = key (card);

    if (!groups.has (id))
      groups.set (id, { id, total: 0, cards: [], live: 0, peak: 0 });

    const group = groups.get (id);

    group.total++;
    group.live += card.liveBytes;
    group.peak = Math.max (group.peak, card.peakBytes);
    if (matches (card))
      group.cards.push (card);
  }

  const found = [...groups.values ()].filter (group => group.cards.length);

  for (const group of found)
    group.cards.sort (order ?? byName);
  found.sort ((a, b) => order ? order (a.cards[0], b.cards[0]) : byName (a.cards[0], b.cards[0]));
  if (state.sort === 'live')
    found.sort ((a, b) => b.live - a.live || b.peak - a.peak);

  return found;
}

class CardList {
  constructor (store, choose) {
    this.store = store;
    this.choose = choose;
    this.canvas = h ('div', { class: 'canvas', role: 'list' });
    this.element = h ('div', { class: 'card-scroll', onscroll: () => this.draw (), onkeydown: event => this.key (event) }, this.canvas);
    this.items = [];
    this.order = [];
    this.focused = null;
    new ResizeObserver (() => this.layout ()).observe (this.element);
  }

  show (groups, label) {
    this.groups = groups;
    this.canvas.setAttribute ('aria-label', label);
    this.layout ();
  }

  // Where everything stands: headers, and rows of cards, from the top.
  layout () {
    const { state } = this.store;
    const lines = state.display === 'table';
    const width = this.element.clientWidth - 36;

    if (!this.groups || width <= 0)
      return;

    this.columns = lines ? 1 : Math.max (1, Math.floor ((width + GAP) / (CARD_WIDTH + GAP)));
    this.items = [];
    this.order = [];
    this.places = new Map ();

    let top = lines ? LINE_HEIGHT : 0;
    const add = (item, height) => {
      this.items.push ({ ...item, top, height });
      top += height;
    };

    if (lines)
      this.items.push ({ kind: 'heads', top: 0, height: LINE_HEIGHT });
    for (const group of this.groups) {
      add ({ kind: 'header', group }, HEADER_HEIGHT);
      if (state.collapsed.has (`${state.grouping} ${group.id}`))
        continue;
      for (let i = 0; i < group.cards.length; i += this.columns) {
        const cards = group.cards.slice (i, i + this.columns);

        for (const card of cards) {
          this.places.set (card.index, { at: this.order.length, top });
          this.order.push (card);
        }
        add ({ kind: lines ? 'line' : 'cards', cards, group }, lines ? LINE_HEIGHT : CARD_HEIGHT + GAP);
      }
    }
    this.canvas.style.setProperty ('height', `${top + 6}px`);
    this.drawn = null;
    this.draw ();
  }

  draw () {
    const from = this.element.scrollTop - OVERSCAN;
    const to = this.element.scrollTop + this.element.clientHeight + OVERSCAN;
    let first = 0;
    let high = this.items.length;

    while (first < high) {
      const middle = (first + high) >> 1;

      if (this.items[middle].top + this.items[middle].height < from)
        first = middle + 1;
      else
        high = middle;
    }

    let last = first;

    while (last < this.items.length && this.items[last].top < to)
      last++;
    if (this.drawn && this.drawn[0] === first && this.drawn[1] === last)
      return;

    const keepsFocus = this.canvas.contains (document.activeElement);

    this.drawn = [first, last];
    replace (this.canvas, this.items.slice (first, last).map (item => this.newItem (item)),
             first > 0 && this.items[0]?.kind === 'heads' ? this.newItem (this.items[0]) : null);
    this.markFocusable ();
    if (keepsFocus)
      this.cardElement (this.focused)?.focus ({ preventScroll: true });
  }

  newItem (item) {
    const node = item.kind === 'header' ? this.newHeader (item.group) : item.kind === 'heads' ? this.newHeads ()
      : item.kind === 'line' ? this.newLine (item.cards[0]) : this.newCards (item.cards);

    node.style.setProperty ('top', `${item.kind === 'heads' ? 0 : item.top}px`);

    return node;
  }

  newHeader (group) {
    const { store } = this;
    const { model, state } = store;
    const id = `${state.grouping} ${group.id}`;
    const closed = state.collapsed.has (id);
    const byThread = state.grouping === 'thread';
    const all = store.figures.summary.liveBytes;
    const toggle = () => {
      const collapsed = new Set (state.collapsed);

      if (!collapsed.delete (id))
        collapsed.add (id);
      store.set ({ collapsed });
    };

    return h ('div', { class: 'group-head placed', role: 'none' },
              h ('button', { class: 'flat group-toggle', type: 'button', 'aria-expanded': String (!closed), onclick: toggle },
                 icon (closed ? 'next' : 'down', 14),
                 byThread ? h ('b', { class: 'name' }, model.threadLabel (group.id)) : h ('code', { class: 'name strong' }, model.variableName (group.id).slice (0, 200))),
              byThread ? categoryChip (model, group.id) : nameTag (model.variable (group.id)),
              h ('span', { class: 'dim num', title: t ('matching / all') }, `${count (group.cards.length)} / ${count (group.total)}`),
              h ('span', { class: 'space' }),
              h ('span', { class: 'dim caption group-live' }, t ('{bytes} live', { bytes: bytes (group.live) })),
              h ('span', { class: 'group-meter' }, meter (all > 0 ? group.live / all : 0, 'var(--c1)')));
  }

  newCards (cards) {
    const node = h ('div', { class: 'card-row placed', role: 'none' });

    node.style.setProperty ('grid-template-columns', `repeat(${this.columns}, minmax(0, 1fr))`);
    node.append (...cards.map (card => this.wrap (card, newCard (this.store.model, card, {
      selected: this.store.state.card?.index === card.index, showThread: this.store.state.grouping === 'variable' }))));

    return node;
  }

  wrap (card, node) {
    node.addEventListener ('click', () => this.choose (card));

    return h ('div', { role: 'listitem', 'aria-setsize': this.order.length, 'aria-posinset': this.places.get (card.index).at + 1 }, node);
  }

  newHeads () {
    return h ('div', { class: 'line line-heads placed', 'aria-hidden': 'true' },
              [t ('Name'), t ('Type'), t ('Stage'), t ('Live'), t ('Peak'), t ('Allocations'), t ('Last event')].map (words => h ('span', null, words)));
  }

  newLine (card) {
    const { model, state } = this.store;
    const variable = model.variable (card.variable);
    const node = h ('button', { class: 'line', type: 'button', tabindex: -1, 'data-card': card.index, 'aria-pressed': String (state.card?.index === card.index), 'aria-label': cardWords (model, card) },
                    h ('span', { class: 'line-name' }, h ('code', { class: 'name' }, variable.name.slice (0, 400) || t ('(no name recorded)')), nameTag (variable)),
                    h ('code', { class: 'name dim' }, (state.grouping === 'variable' ? model.threadLabel (card.thread) : variable.type).slice (0, 400) || '–'),
                    stageMark (card.stage), h ('b', { class: 'num' }, bytes (card.liveBytes)), h ('span', { class: 'num' }, bytes (card.peakBytes)),
                    h ('span', { class: 'num' }, count (card.births)), h ('span', { class: 'num dim' }, moment (card.lastTime)));
    const wrapped = this.wrap (card, node);

    wrapped.classList.add ('placed');

    return wrapped;
  }

  cardElement (index) {
    return this.canvas.querySelector (`[data-card="${index}"]`);
  }

  // One card is in the tab order: the focused one, else the first in sight.
  markFocusable () {
    const node = this.cardElement (this.focused) ?? this.canvas.querySelector ('[data-card]');

    if (node)
      node.tabIndex = 0;
  }

  focus (card) {
    const place = this.places.get (card.index);
    const { scrollTop, clientHeight } = this.element;

    if (place.top < scrollTop)
      this.element.scrollTop = place.top - HEADER_HEIGHT;
    else if (place.top + CARD_HEIGHT > scrollTop + clientHeight)
      this.element.scrollTop = place.top + CARD_HEIGHT + GAP - clientHeight;
    this.focused = card.index;
    this.drawn = null;
    this.draw ();
    this.cardElement (card.index)?.focus ({ preventScroll: true });
  }

  key (event) {
    const current = Number (event.target.closest ('[data-card]')?.dataset.card ?? NaN);
    const page = Math.max (Math.floor (this.element.clientHeight / CARD_HEIGHT) - 1, 1) * this.columns;
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity };

    if (Number.isNaN (current) || !(event.key in moves) || event.altKey || event.ctrlKey)
      return;
    event.preventDefault ();

    const to = Math.min (Math.max (this.places.get (current).at + moves[event.key], 0), this.order.length - 1);

    this.focus (this.order[to]);
  }

  neighbour (card, by) {
    const place = this.places.get (card.index);

    return place ? this.order[place.at + by] : undefined;
  }
}

function chip (words, { on, mark, remove, toggle }) {
  if (remove)
    return h ('button', { class: 'chip on', type: 'button', 'aria-label': t ('Remove the filter {words}', { words }), onclick: remove }, mark ?? null, words, icon ('close', 12));

  return h ('button', { class: `chip${on ? ' on' : ''}`, type: 'button', 'aria-pressed': String (on), onclick: toggle }, mark ?? null, words);
}

export function newVariables (store) {
  const { model } = store;
  const search = h ('input', { type: 'search', placeholder: t ('Name, type, site, size > 64K'), 'aria-label': t ('Search variables'), autocomplete: 'off', spellcheck: 'false',
                               oninput: () => entry.typed () });
  const entry = new FilterEntry (store, search);
  const chips = h ('div', { class: 'chips', role: 'group', 'aria-label': t ('Filters') });
  const tally = h ('span', { class: 'dim caption tally', role: 'status' });
  const heading = h ('h2', { class: 'unseen' });
  const list = new CardList (store, card => store.set ({ card, tab: store.state.card ? store.state.tab : 'overview', block: null }));
  const empty = h ('div', { class: 'status-page', hidden: true });
  const strip = new Timeline (store, { compact: true });
  const stripWords = h ('div', { class: 'strip-words' });
  const inspector = new Inspector (store, { step: by => {
    const next = store.state.card && list.neighbour (store.state.card, by);

    if (next)
      store.set ({ card: next, block: null });
  }, closed: () => store.state.card && list.places?.has (store.state.card.index) && list.focus (store.state.card) });
  const grouping = h ('div', { class: 'linked', role: 'group', 'aria-label': t ('Group by') },
                      [['thread', t ('Thread')], ['variable', t ('Variable')]].map (([key, words]) =>
                        h ('button', { type: 'button', 'data-key': key, onclick: () => store.set ({ grouping: key }) }, words)));
  const sort = h ('select', { 'aria-label': t ('Sort by'), onchange: () => store.set ({ sort: sort.value }) },
                  Object.entries (SORTS).map (([key, [words]]) => h ('option', { value: key }, t (words))));
  const display = h ('button', { class: 'icon-only', type: 'button', title: t ('Show as a table'), 'aria-label': t ('Show as a table'),
                                 onclick: () => store.set ({ display: store.state.display === 'table' ? 'cards' : 'table' }) }, icon ('table'));
  const clear = () => {
    store.set ({ query: '', stages: new Set (), minimum: 0, thread: null });
    store.setFilter (null);
    store.setRange (null);
  };

  function drawChips () {
    const { state } = store;
    const toggleStage = stage => {
      const stages = new Set (state.stages);

      if (!stages.delete (stage))
        stages.add (stage);
      store.set ({ stages });
    };

    replace (chips,
             state.range ? chip (t ('{length} range', { length: duration (state.range[1] - state.range[0]) }), { mark: icon ('clock', 13), remove: () => store.setRange (null) }) : null,
             state.thread !== null ? chip (t ('thread: {name}', { name: model.threadLabel (state.thread) }), { remove: () => store.set ({ thread: null }) }) : null,
             ['active', 'allocated', 'shared', 'freed'].filter (stage => STAGES.includes (stage)).map (stage =>
               chip (stageWord (stage), { on: state.stages.has (stage), mark: stageIcon (stage, 13), toggle: () => toggleStage (stage) })),
             chip ('≥ 1 MiB', { on: state.minimum > 0, toggle: () => store.set ({ minimum: state.minimum ? 0 : 1024 ** 2 }) }));
  }

  function drawList () {
    const { state, figures } = store;
    const groups = groupCards (store, figures.cards);
    const shown = groups.reduce ((sum, group) => sum + group.cards.length, 0);
    const all = figures.cards.length;
    const title = t ('Thread variables ({shown}/{all})', { shown: count (shown), all: count (all) });

    heading.textContent = title;
    tally.textContent = n ('{shown} of {n} card', '{shown} of {n} cards', all, { shown: count (shown) });
    for (const button of grouping.children)
      button.setAttribute ('aria-pressed', String (button.dataset.key === state.grouping));
    display.setAttribute ('aria-pressed', String (state.display === 'table'));
    sort.value = state.sort;
    if (search.value !== state.query)
      entry.show (state.query);
    empty.hidden = shown > 0;
    list.element.hidden = shown === 0;
    replace (empty, h ('h3', null, all ? t ('No variable matches') : t ('Nothing was allocated here')),
             h ('p', { class: 'dim' }, all ? n ('{n} card is hidden by the filters.', '{n} cards are hidden by the filters.', all) : t ('The recording holds no blocks in this range.')),
             all ? h ('button', { class: 'pill', type: 'button', onclick: clear }, t ('Clear filters')) : null);
    list.show (groups, title);
  }

  function drawStrip () {
    const [begin, end] = strip.range;
    const whole = store.state.range === null;
    const { summary } = store.figures;
    const digits = end - begin > 6e10 ? 1 : 3;

    replace (stripWords, h ('div', null, h ('b', null, t ('At {time}', { time: moment (end, digits) })), ' ', h ('span', { class: 'tag' }, whole ? t ('end') : t ('end of the range'))),
             h ('div', { class: 'caption dim' }, whole ? t ('Whole recording · {length}', { length: duration (end - begin) })
               : t ('Range {begin} – {end}, {length}', { begin: moment (begin, digits), end: moment (end, digits), length: duration (end - begin) })),
             h ('div', { class: 'caption dim' }, whole ? n ('Its {n} allocation', 'All {n} allocations', summary.allocations)
               : n ('{shown} of {n} allocation', '{shown} of {n} allocations', store.whole.summary.allocations, { shown: count (summary.allocations) })));
  }

  const element = h ('div', { class: 'variables' }, heading,
                     h ('div', { class: 'toolbar' }, h ('label', { class: 'entry filter-entry' }, icon ('search'), search, entry.element), chips, h ('span', { class: 'space' }), tally, grouping,
                        h ('label', { class: 'select' }, icon ('sort'), sort), display),
                     h ('div', { class: 'split' }, h ('div', { class: 'list-side' }, list.element, empty), inspector.element),
                     h ('div', { class: 'strip' }, stripWords, strip.element));

  drawChips ();
  drawList ();
  drawStrip ();

  return {
    element,
    search,
    shown: () => {
      list.layout ();
      strip.draw ();
    },
    update: changed => {
      const any = (...names) => names.some (name => changed.has (name));

      if (any ('range')) {
        strip.place ();
        drawStrip ();
      }
      if (any ('range', 'stages', 'minimum', 'thread'))
        drawChips ();
      if (any ('query', 'stages', 'minimum', 'thread', 'grouping', 'sort', 'display', 'collapsed', 'figures') || (any ('rows') && store.state.query))
        drawList ();
      if (any ('figures'))
        drawStrip ();
      if (any ('card')) {
        list.drawn = null;
        list.draw ();
      }
      if (any ('query', 'stages', 'thread'))
        announce (tally.textContent);
      inspector.update (changed);
      element.classList.toggle ('inspecting', store.state.card !== null);
    },
  };
}
