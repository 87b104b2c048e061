// SPDX-License-Identifier: GPL-3.0-or-later
// One variable, closely. Only what is recorded; "not recorded" where it is not.

import { h, newId, replace } from '../dom.js';
import { address, bytes, bytesExactly, count, duration, isKnown, moment, notRecorded, percent } from '../format.js';
import { n, t } from '../i18n.js';
import { icon } from '../icons.js';
import { rowsOf } from '../model.js';
import { orderBy } from '../order.js';
import { DEATHS, NEVER, ORIGINS, UNLISTED, deathOf, originOf } from '../rows.js';
import { displayText } from '../text.js';
import { newAdvice } from './advice.js';
import { Blocks } from './blocks.js';
import { nameTag, sourceHint, stageHint, stageMark } from './cards.js';
import { newLifecycle } from './lifecycle.js';
import { newPassport } from './passport.js';
import { mostCommonStack, newStack } from './stack.js';

const TABS = [['overview', 'Overview'], ['lifecycle', 'Lifecycle'], ['passport', 'FFI Passport'], ['advice', 'Optimization']];
const FUNCTIONS = [null, 'malloc', 'calloc', 'realloc', 'aligned_alloc', 'mmap'];

export function facts (pairs) {
  return h ('dl', { class: 'facts' }, pairs.map (([name, value]) => [h ('dt', null, name), h ('dd', null, value)]));
}

export class Inspector {
  constructor (store, { step, closed }) {
    this.store = store;
    this.id = newId ('inspector');
    this.closed = closed;
    this.title = h ('h2', { id: this.id, class: 'name inspector-name', tabindex: -1 });
    this.tag = h ('span');
    this.sub = h ('div', { class: 'inspector-sub' });
    this.tabs = h ('div', { class: 'linked tabs', role: 'tablist', 'aria-label': t ('Inspector'), onkeydown: event => this.tabKey (event) },
                   TABS.map (([key, words]) => h ('button', { type: 'button', role: 'tab', id: `${this.id}-${key}`, 'data-tab': key, 'aria-controls': `${this.id}-panel`,
                                                             onclick: () => store.set ({ tab: key }) }, t (words))));
    this.panel = h ('div', { class: 'inspector-body', role: 'tabpanel', id: `${this.id}-panel`, tabindex: 0 });
    this.element = h ('aside', { class: 'inspector', 'aria-labelledby': this.id, hidden: true, onkeydown: event => event.key === 'Escape' && this.close () },
                      h ('div', { class: 'inspector-head' },
                         h ('div', { class: 'inspector-title' }, this.title, this.tag, h ('span', { class: 'space' }),
                            this.button ('up', t ('Previous variable'), () => step (-1)), this.button ('down', t ('Next variable'), () => step (1)), this.button ('close', t ('Close'), () => this.close ())),
                         this.sub, this.tabs),
                      this.panel);
  }

  button (name, words, action) {
    return h ('button', { class: 'flat small icon-only', type: 'button', title: words, 'aria-label': words, onclick: action }, icon (name, 14));
  }

  close () {
    const { closed } = this;

    closed ();
    this.store.set ({ card: null, block: null });
  }

  tabKey (event) {
    const at = TABS.findIndex (([key]) => key === this.store.state.tab);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: TABS.length - 1 }[event.key];

    if (to === undefined)
      return;
    event.preventDefault ();
    this.store.set ({ tab: TABS[(to + TABS.length) % TABS.length][0] });
    this.tabs.querySelector ('[aria-selected="true"]').focus ();
  }

  update (changed) {
    const { state } = this.store;

    if (!['card', 'tab', 'block', 'figures', 'rows'].some (name => changed.has (name)))
      return;
    this.element.hidden = state.card === null;
    if (state.card === null)
      return;
    if (!this.store.model.rows)
      this.store.loadRows ();
    this.draw (changed.has ('card'));
  }

  draw (isNew) {
    const { store } = this;
    const { model, state } = store;
    const card = store.cardInRange (state.card);
    const variable = model.variable (card.variable);

    this.title.textContent = variable.name || t ('(no name recorded)');
    this.title.classList.toggle ('long', variable.name.length > 80);
    replace (this.tag, nameTag (variable));
    replace (this.sub, h ('div', { class: 'card-line' }, h ('code', { class: 'name dim' }, variable.type || t ('type not recorded')), stageMark (card.stage)),
             h ('div', { class: 'dim caption' }, `${model.threadLabel (card.thread)} · ${t ('{bytes} live', { bytes: bytes (card.liveBytes) })} · ${n ('{n} allocation', '{n} allocations', card.births)}`));
    for (const tab of this.tabs.children) {
      const on = tab.dataset.tab === state.tab;

      tab.setAttribute ('aria-selected', String (on));
      tab.tabIndex = on ? 0 : -1;
      if (on)
        this.panel.setAttribute ('aria-labelledby', tab.id);
    }
    this.drawTab (card, variable);
    if (isNew)
      this.panel.scrollTop = 0;
  }

  drawTab (card, variable) {
    const { model, state } = this.store;

    if (!model.rows) {
      replace (this.panel, h ('p', { class: 'dim', role: 'status' }, t ('Reading the blocks …')));
      return;
    }

    const found = this.rowsOfCard (card);
    const context = { store: this.store, model, card, variable, found, block: this.blockOf (found), facts };
    const views = { overview: () => this.newOverview (context), lifecycle: () => newLifecycle (context, this.pager (context)),
                    passport: () => newPassport (context, this.pager (context)), advice: () => newAdvice (context) };

    replace (this.panel, views[state.tab] ());
  }

  rowsOfCard (card) {
    if (this.cached?.index !== card.index)
      this.cached = { index: card.index, found: rowsOf (this.store.model, card) };

    const { range } = this.store.state;
    const { rows } = this.store.model;

    return range ? this.cached.found.filter (i => rows.birth[i] < range[1] && Math.max (rows.birth[i], rows.death[i]) >= range[0]) : this.cached.found;
  }

  // The chosen block, else the largest.
  blockOf (found) {
    const { rows } = this.store.model;
    const { block } = this.store.state;

    if (block !== null && found.includes (block))
      return block;

    return found.reduce ((best, i) => best === null || rows.size[i] > rows.size[best] ? i : best, null);
  }

  // "0x… block 17 of 1,204", with steps to its neighbours in size.
  pager ({ found, block, model }) {
    const { rows } = model;

    if (block === null)
      return h ('p', { class: 'dim' }, t ('None of its blocks is in this page.'));

    if (this.sorted?.found !== found)
      this.sorted = { found, bySize: orderBy (found, i => rows.size[i], true) };

    const { bySize } = this.sorted;
    const at = bySize.indexOf (block);
    const go = by => this.store.set ({ block: bySize[(at + by + bySize.length) % bySize.length] });

    return h ('div', { class: 'pager' }, this.button ('back', t ('Previous block'), () => go (-1)),
              h ('div', null, h ('code', { class: 'strong' }, address (rows.addressLow[block], rows.addressHigh[block])),
                 h ('div', { class: 'caption dim' }, t ('block {at} of {n} · sorted by size', { at: count (at + 1), n: count (found.length) }))),
              this.button ('next', t ('Next block'), () => go (1)));
  }

  newOverview (context) {
    const { model, card, variable, found, block } = context;
    const { rows } = model;
    const [stack, nOfStack, nStacks] = mostCommonStack (model, found);
    const [siteName, sitePlace] = model.frameWords (found.length ? model.siteOf[found[0]] : 0);
    const missing = card.rows - found.length;

    this.blocks ??= new Blocks (this.store);
    this.blocks.show (found);

    return [
      h ('section', { class: 'inset' }, h ('h3', null, t ('Variable')), facts ([
        [t ('Name'), variable.name ? h ('code', { class: 'whole-text' }, variable.name) : notRecorded ()],
        [t ('Name from'), variable.source ? `${variable.source}: ${sourceHint (variable.source)}` : notRecorded ()],
        [t ('Type'), variable.type ? h ('code', { class: 'whole-text' }, variable.type) : notRecorded ()],
        [t ('Scope'), variable.scope ? h ('code', null, variable.scope) : notRecorded ()],
        [t ('Call site'), found.length && model.siteOf[found[0]] ? [h ('code', null, siteName), ' ', h ('span', { class: 'dim' }, sitePlace)] : notRecorded ()],
        [t ('Thread'), model.threadLabel (card.thread)],
        [t ('Stage'), [stageMark (card.stage), ' ', h ('span', { class: 'dim' }, stageHint (card.stage))]],
      ])),
      h ('section', { class: 'inset' }, h ('h3', null, t ('Memory')), facts ([
        [t ('Live'), `${bytesExactly (card.liveBytes)} · ${n ('{n} block', '{n} blocks', card.liveBlocks)}`],
        [t ('Peak'), `${bytesExactly (card.peakBytes)} · ${t ('at {time}', { time: moment (card.peakTime) })}`],
        [t ('Allocated'), `${bytesExactly (card.bornBytes)} · ${n ('{n} block', '{n} blocks', card.births)}`],
        [t ('Freed'), model.head.session.hasDeaths ? `${bytesExactly (card.deadBytes)} · ${n ('{n} block', '{n} blocks', card.deaths)}` : notRecorded ()],
        [t ('Temporary'), card.births ? `${count (card.temporary)} · ${percent (card.temporary / card.births)} %` : count (0)],
        [t ('Largest block'), bytesExactly (card.largest)],
        [t ('Allocator rounding'), this.roundingOf (found)],
        [t ('First event'), moment (card.firstTime)],
        [t ('Last event'), moment (card.lastTime)],
      ])),
      h ('section', { class: 'inset' }, h ('h3', null, t ('Blocks ({n})', { n: count (found.length) })),
         missing > 0 ? h ('p', { class: 'notice' }, icon ('info', 14), n ('{n} more of its blocks is not in this page.', '{n} more of its blocks are not in this page.', missing)) : null, this.blocks.element),
      block === null ? null : h ('section', { class: 'inset' }, h ('h3', null, t ('Block {address}', { address: address (rows.addressLow[block], rows.addressHigh[block]) })), this.blockFacts (context)),
      block === null ? null : this.extrasSection (block),
      h ('section', { class: 'inset' }, newStack (model, block !== null && this.store.state.block === block ? rows.stack[block] : stack,
        this.store.state.block === block && block !== null ? t ('Where this block was allocated')
          : nStacks > 1 ? n ('Most common of {stacks} allocation stacks ({n} block)', 'Most common of {stacks} allocation stacks ({n} blocks)', nOfStack, { stacks: count (nStacks) }) : t ('Allocation stack'))),
    ];
  }

  roundingOf (found) {
    const { rows } = this.store.model;
    let rounding = 0;
    let size = 0;

    for (const i of found)
      if (rows.rounding[i] !== 0xffffffff && rows.death[i] === NEVER) {
        rounding += rows.rounding[i];
        size += rows.size[i];
      }
    if (!found.some (i => rows.rounding[i] !== 0xffffffff))
      return notRecorded ();

    return size + rounding > 0 ? t ('{bytes} of the live blocks, {share} % of what they use', { bytes: bytes (rounding), share: percent (rounding / (size + rounding), 1) }) : bytes (0);
  }

  blockFacts ({ model, block }) {
    const { rows } = model;
    const alive = rows.death[block] === NEVER;
    const previous = rows.previous[block];
    const death = { free: t ('freed'), realloc: t ('reallocated'), unseen: t ('its end was not seen: another block was born there'), parent: t ('with the pool or region that held it'), none: t ('alive at the end') }[DEATHS[deathOf (rows, block)]];
    const origin = { heap: t ('heap'), region: t ('memory mapping'), pool: t ('pool'), api: t ('reported through the API'), file: t ('from the memscope-rs file') }[ORIGINS[originOf (rows, block)]];

    return facts ([
      [t ('Size'), bytesExactly (rows.size[block])],
      [t ('Usable'), rows.rounding[block] !== 0xffffffff ? bytesExactly (rows.size[block] + rows.rounding[block]) : notRecorded ()],
      [t ('Born'), `${moment (rows.birth[block], 6)} · ${model.threadLabel (rows.thread[block])}`],
      [t ('Ended'), alive ? death : `${moment (rows.death[block], 6)} · ${death}${rows.deathThread[block] ? ` · ${model.threadLabel (rows.deathThread[block])}` : ''}`],
      [t ('Lived'), alive ? t ('to the end') : duration (Math.max (rows.death[block] - rows.birth[block], 0))],
      [t ('Allocated by'), FUNCTIONS[rows.function[block]] ?? notRecorded ()],
      [t ('Origin'), origin],
      [t ('Continues'), previous === 0 ? t ('no other block') : previous === UNLISTED ? t ('a block that is not in this page') : h ('code', null, address (rows.addressLow[previous - 1], rows.addressHigh[previous - 1]))],
      [t ('Flagged as leaked'), (rows.flags[block] & 1) !== 0 ? t ('yes, in the file') : t ('no')],
    ]);
  }

  // What memscope-rs stored beside: as it is, nothing inferred.
  extrasSection (block) {
    const section = h ('section', { class: 'inset', hidden: true });
    const known = new Set (['ptr', 'size', 'var_name', 'type_name', 'scope_name', 'thread_id', 'timestamp_alloc', 'timestamp_dealloc', 'stack_trace', 'is_leaked', 'lifetime_ms']);

    this.store.extrasOf (block).then (extras => {
      const pairs = Object.entries (extras ?? {}).filter (([key, value]) => isKnown (value) && !known.has (key));

      if (pairs.length === 0)
        return;
      section.hidden = false;
      section.append (h ('h3', null, t ('Stored in the memscope-rs file')),
                      facts (pairs.map (([key, value]) => [h ('code', null, key), this.extraValue (value)])));
    });

    return section;
  }

  extraValue (value) {
    if (typeof value !== 'object')
      return typeof value === 'number' ? count (value) : displayText (String (value));

    return h ('details', null, h ('summary', null, Array.isArray (value) ? n ('{n} entry', '{n} entries', value.length) : n ('{n} field', '{n} fields', Object.keys (value).length)),
              h ('pre', null, displayTextLines (JSON.stringify (value, null, 2))));
  }
}

const displayTextLines = text => text.split ('\n').map (displayText).join ('\n');
