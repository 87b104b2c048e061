// SPDX-License-Identifier: GPL-3.0-or-later
// Who called whom, and what that holds: a flame graph and its table.

import { CallTree, foldCalls, isBytes, isFunction, isRest, isRoot, isThread, loadCalls, MEASURES, searchCalls } from '../calls.js';
import { announce, h, replace } from '../dom.js';
import { bytes, bytesExactly, count, duration, moment, percent } from '../format.js';
import { n, t } from '../i18n.js';
import { icon } from '../icons.js';
import { CallTable } from './call-table.js';
import { COLOURS, Flame } from './flame.js';
import { newPeakHint } from './peak-hint.js';
import { Timeline } from './timeline.js';

const MAX_CRUMBS = 12;

const measureWords = measure => ({ liveBytes: t ('Live bytes'), liveBlocks: t ('Live blocks'), bornBytes: t ('Allocated bytes'), births: t ('Allocations'),
                                   temporary: t ('Temporary allocations'), temporaryBytes: t ('Temporary bytes'),
                                   peakBytes: t ('Bytes at the peak'), peakBlocks: t ('Blocks at the peak') })[measure];

const shareText = share => share > 0 && share < .0005 ? '< 0.1\u00a0%' : `${percent (share, 1)}\u00a0%`;

function weightText (measure, value) {
  return isBytes (measure) ? bytes (value) : count (value);
}

function exactText (measure, value) {
  if (isBytes (measure))
    return bytesExactly (value);

  return measure === 'births' || measure === 'temporary' ? n ('{n} allocation', '{n} allocations', value) : n ('{n} block', '{n} blocks', value);
}

export function newCalls (store) {
  const { model } = store;
  // Kept by the store: another language mounts the views anew.
  const state = store.calls ??= { bottomUp: false, byThread: false, flames: false, display: 'both', measure: 'liveBytes', chosen: false, query: '', colour: null };
  let tree = null;
  let sums = null;
  let sumsOf = null;
  let whole = null;
  let asked = 0;
  let found = null;
  let hit = -1;
  let selected = null;
  let busyTimer = 0;

  // ---- words of a place

  function nameOf (node) {
    if (isRoot (tree, node))
      return t ('all');
    if (isThread (tree, node))
      return tree.ref[node] ? model.threadLabel (tree.ref[node]) : t ('thread not recorded');
    if (isRest (tree, node))
      return t ('callers not recorded');
    if (isFunction (tree, node))
      return tree.symbol[node].function;

    return model.where (model.frame (tree.ref[node])) || t ('not recorded');
  }

  function placeOf (node) {
    if (tree.symbol[node]?.file)
      return tree.symbol[node].file.replace (/^.*\//, '');

    return tree.module[node] ? model.moduleName (tree.module[node]) : '';
  }

  const shareOf = node => shareText (tree.share (node));
  const parentShareOf = node => shareText (tree.weigh (tree.parent[node]) > 0 ? tree.weigh (node) / tree.weigh (tree.parent[node]) : 0);

  function linesOf (node) {
    const lines = [nameOf (node).slice (0, 1200), tree.symbol[node]?.file, tree.module[node] ? model.moduleName (tree.module[node]) : null,
                   t ('{measure}: {value}, {share} of all', { measure: measureWords (tree.measure), value: exactText (tree.measure, tree.weigh (node)), share: shareOf (node) })];

    if (tree.depth[node] > 1)
      lines.push (t ('{share} of {name}', { share: parentShareOf (node), name: nameOf (tree.parent[node]).slice (0, 300) }));
    // Bottom-up a path ends at its outermost caller: that is nobody's own weight.
    if (!tree.bottomUp)
      lines.push (t ('Itself: {value}', { value: exactText (tree.measure, tree.weighOwn (node)) }));
    if (tree.measure !== 'births')
      lines.push (t ('Allocations: {n}', { n: count (tree.totalOf ('births', node)) }));
    if (tree.measure !== 'liveBytes')
      lines.push (t ('Live: {bytes}', { bytes: bytes (tree.totalOf ('liveBytes', node)) }));

    return lines.filter (line => line);
  }

  function stackText (node) {
    const path = tree.pathOf (node).map (place => `${nameOf (place)}${placeOf (place) ? ` (${placeOf (place)})` : ''}`);

    return `${(state.bottomUp ? path : path.reverse ()).join ('\n')}\n`;
  }

  // ---- elements

  const tip = h ('div', { class: 'call-tip', role: 'presentation', hidden: true });
  const words = { name: nameOf, place: placeOf, share: shareOf, parentShare: parentShareOf, weight: value => weightText (state.measure, value), measure: () => measureWords (state.measure),
                  tip: (box, area) => area === undefined ? linesOf (box).join ('\n') : showTip (box, area), chosen: node => choose (node), zoomed: node => zoom (node), menu: (node, x, y) => openMenu (node, x, y) };
  const flame = new Flame (words);
  const table = new CallTable (words);
  const press = (name, key, label, title, change) => h ('button', { type: 'button', 'data-key': key, title, 'aria-label': label ? null : title, onclick: change }, label ?? icon (name));
  const direction = h ('div', { class: 'linked', role: 'group', 'aria-label': t ('Direction') },
    press (null, 'down', t ('Top-down'), t ('From where threads begin to the functions that allocate'), () => set ({ bottomUp: false })),
    press (null, 'up', t ('Bottom-up'), t ('From the functions that allocate to who calls them'), () => set ({ bottomUp: true })));
  const measure = h ('select', { 'aria-label': t ('What the boxes weigh'), onchange: () => {
    state.chosen = true;
    set ({ measure: measure.value });
  } }, MEASURES.map (key => h ('option', { value: key }, measureWords (key))));
  const threads = h ('button', { type: 'button', class: 'flat', title: t ('Threads first'), onclick: () => set ({ byThread: !state.byThread }) }, t ('Threads'));
  const flames = h ('button', { type: 'button', class: 'flat icon-only', title: t ('Flames: root at the bottom'), 'aria-label': t ('Flames: root at the bottom'), onclick: () => set ({ flames: !state.flames }) }, icon ('flames'));
  const search = h ('input', { type: 'search', placeholder: t ('Find a function'), 'aria-label': t ('Find a function in the calls'), autocomplete: 'off', spellcheck: 'false',
                               oninput: () => set ({ query: search.value }), onkeydown: event => {
                                 if (event.key === 'Enter') {
                                   event.preventDefault ();
                                   stepHit (event.shiftKey ? -1 : 1);
                                 } else if (event.key === 'Escape') {
                                   set ({ query: '' });
                                   flame.element.focus ();
                                 }
                               } });
  const position = h ('span', { class: 'dim caption num call-position', role: 'status' });
  const previous = h ('button', { class: 'flat small icon-only', type: 'button', title: t ('Previous hit'), 'aria-label': t ('Previous hit'), onclick: () => stepHit (-1) }, icon ('up', 12));
  const next = h ('button', { class: 'flat small icon-only', type: 'button', title: t ('Next hit'), 'aria-label': t ('Next hit'), onclick: () => stepHit (1) }, icon ('down', 12));
  const entry = h ('div', { class: 'entry call-entry' }, icon ('search'), search, position, previous, next);
  const chip = h ('button', { class: 'chip on', type: 'button', hidden: true, onclick: () => set ({ query: '', colour: null }) });
  const legend = h ('div', { class: 'chips call-legend', role: 'group', 'aria-label': t ('Modules by colour') });
  const displays = h ('div', { class: 'linked', role: 'group', 'aria-label': t ('Graph or table') },
    press ('calls', 'graph', null, t ('Graph only'), () => set ({ display: 'graph' })), press ('both', 'both', null, t ('Graph and table'), () => set ({ display: 'both' })),
    press ('table', 'table', null, t ('Table only'), () => set ({ display: 'table' })));
  const names = h ('p', { class: 'caption dim call-note', hidden: true }, icon ('hint', 14),
                   t ('Many functions have no name, so their boxes say module+offset. Names come with debug information: install it, run memscope-cli symbolize on the recording and export again.'));
  const covers = h ('p', { class: 'caption call-note', role: 'status', hidden: true });
  const hint = newPeakHint (store, t ('Show the peak'), () => set ({ measure: 'peakBytes', chosen: true }));
  const path = h ('nav', { class: 'call-path', 'aria-label': t ('Path to the selected call') });
  const status = h ('span', { class: 'dim caption call-status' });
  const body = h ('div', { class: 'call-body' }, flame.element, table.element, tip);
  const empty = h ('div', { class: 'status-page', hidden: true });
  const strip = new Timeline (store, { compact: true });
  const stripWords = h ('div', { class: 'strip-words' });
  const menu = h ('div', { class: 'call-menu', role: 'menu', hidden: true });
  const toolbar = h ('div', { class: 'toolbar' }, direction, h ('label', { class: 'select' }, measure), entry, chip, threads, flames, h ('span', { class: 'space' }), displays);
  const pathRow = h ('div', { class: 'call-path-row' }, path, status);
  const legendRow = h ('div', { class: 'call-legend-row' }, legend);
  const element = h ('div', { class: 'calls' }, h ('h2', { class: 'unseen' }, t ('Calls')), toolbar, hint.element, names, covers, legendRow, pathRow, body, empty, h ('div', { class: 'strip' }, stripWords, strip.element), menu);

  table.element.setAttribute ('aria-label', t ('Calls as a table'));

  // ---- the tree

  // A range is folded from the blocks when all are here; else the whole is shown, and said.
  async function fill () {
    const turn = ++asked;
    const { figures } = store;

    if (!model.head.hasStacks) {
      show ();
      return;
    }
    if (!whole) {
      model.stacks ??= await store.loadStacks ();
      whole = await loadCalls (store.source);
    }
    if ((store.state.range || store.state.filter) && figures !== store.whole)
      await store.loadRows ();
    if (turn !== asked)
      return;

    const key = store.figures === store.whole ? 'whole' : `${store.figures.begin} ${store.figures.end} ${store.figures.instant} ${store.state.filter?.text ?? ''}`;

    if (sumsOf !== key) {
      sums = key === 'whole' ? whole : foldCalls (model, store.figures.begin, store.figures.end, store.figures.instant);
      sumsOf = key;
    }
    await plant ();
  }

  async function plant () {
    const turn = ++asked;
    const fresh = new CallTree (model, state);

    busy (true);
    if (!await fresh.plant (sums, () => turn === asked))
      return;
    busy (false);
    // Programs that tidied up hold nothing at the end: the peak then says more.
    if (!state.chosen && state.measure === 'liveBytes' && fresh.totalOf ('liveBytes', 0) === 0 && fresh.totalOf ('peakBytes', 0) > 0)
      state.measure = 'peakBytes';
    state.chosen = true;
    arrange (fresh);
  }

  // A tree, laid out for the measure; what was selected and zoomed into stays, as far as it is there.
  function arrange (fresh) {
    const old = tree;
    const kept = old !== null && old.bottomUp === fresh.bottomUp && old.byThread === fresh.byThread;
    const before = old?.measure;
    const { root } = flame;

    fresh.arrange (state.measure);
    tree = fresh;

    const placeOfOld = node => {
      if (fresh !== old)
        return fresh.find (old, node);
      while (node && fresh.weigh (node) === 0)
        node = fresh.parent[node];
      return node;
    };

    selected = kept && selected !== null ? placeOfOld (selected) : null;
    flame.setTree (tree);
    table.selected = null;
    table.setTree (tree, kept ? placeOfOld : null, !kept || before !== state.measure);
    flame.setRoot (kept ? placeOfOld (root) : 0);
    find ();
    show ();
    choose (selected);
  }

  function busy (isBusy) {
    clearTimeout (busyTimer);
    if (isBusy)
      busyTimer = setTimeout (() => element.classList.add ('busy'), 400);
    else
      element.classList.remove ('busy');
    body.setAttribute ('aria-busy', String (isBusy));
  }

  function set (change) {
    Object.assign (state, change);
    if (!sums) {
      show ();
      return;
    }
    if ('bottomUp' in change || 'byThread' in change)
      plant ();
    else if ('measure' in change && tree)
      arrange (tree);
    if ('flames' in change) {
      flame.flames = state.flames;
      flame.setRoot (flame.root);
    }
    if ('query' in change || 'colour' in change)
      find ();
    show ();
  }

  function choose (node) {
    selected = node;
    if (node !== null && !tree.isBelow (node, flame.root)) {
      let root = flame.root;

      while (!tree.isBelow (node, root))
        root = tree.parent[root];
      flame.setRoot (root);
    }
    flame.setSelected (node);
    table.setSelected (node);
    if (node !== null) {
      flame.element.setAttribute ('aria-description', linesOf (node).join ('. '));
      if (element.contains (document.activeElement))
        announce (linesOf (node).join ('. '));
    }
    showPath ();
    showHits ();
  }

  function zoom (node) {
    flame.setRoot (node);
    choose (selected !== null && tree.isBelow (selected, node) ? selected : node);
  }

  // ---- search

  function find () {
    found = tree && (state.query || state.colour !== null) ? searchCalls (tree, nameOf, state.query, state.colour) : null;
    flame.hits = found;
    flame.cuts.clear ();
    flame.queue ();
    table.setNeedle (state.query);
    showHits ();
  }

  function stepHit (by) {
    if (!found?.hits.length)
      return;
    choose (found.hits[hit < 0 ? (by > 0 ? 0 : found.hits.length - 1) : (hit + by + found.hits.length) % found.hits.length]);
  }

  function showHits () {
    const some = found !== null && found.hits.length > 0;

    hit = found ? found.hits.indexOf (selected) : -1;
    position.textContent = found ? `${count (hit + 1)} / ${count (found.hits.length)}` : '';
    entry.classList.toggle ('failed', found !== null && !some && state.query !== '');
    previous.disabled = next.disabled = !some;
    chip.hidden = !some;
    if (some) {
      const holds = n ('{n} frame holds {share}', '{n} frames hold {share}', found.hits.length, { share: shareText (tree.weigh (0) > 0 ? found.weight / tree.weigh (0) : 0) });

      replace (chip, holds, icon ('close', 12));
      chip.title = t ('{measure}: {value}. What several of them have on their path is counted once. Click to end the search.',
                      { measure: measureWords (state.measure), value: exactText (state.measure, found.weight) });
    }
  }

  // ---- what stands around

  function showPath () {
    if (!tree)
      return;

    const places = [0, ...tree.pathOf (selected ?? flame.root)];
    const leftOut = Math.max (places.length - MAX_CRUMBS, 0);
    const crumb = node => h ('button', { class: 'flat crumb', type: 'button', title: node ? t ('Zoom to {name}', { name: nameOf (node).slice (0, 300) }) : t ('Show everything again'),
                                         'data-node': node, 'aria-current': node === flame.root ? 'true' : null, onclick: () => zoom (node) }, h ('code', null, nameOf (node).slice (0, 60)));

    replace (path, places.map ((node, k) => leftOut && k >= 2 && k < 2 + leftOut ? (k === 2 ? h ('span', { class: 'dim' }, '› …') : null)
      : [k ? h ('span', { class: 'dim', 'aria-hidden': 'true' }, '›') : null, crumb (node)]));
    path.scrollLeft = path.scrollWidth;
  }

  function totalWords () {
    const value = weightText (state.measure, tree.weigh (0));
    const total = tree.weigh (0);
    const time = moment (store.figures.instant, 3);

    switch (state.measure) {
    case 'liveBytes':
      return t ('{bytes} live at {time}', { bytes: value, time });
    case 'liveBlocks':
      return n ('{n} block live at {time}', '{n} blocks live at {time}', total, { time });
    case 'bornBytes':
      return t ('{bytes} allocated', { bytes: value });
    case 'births':
      return n ('{n} allocation', '{n} allocations', total);
    case 'temporary':
      return n ('{n} temporary allocation', '{n} temporary allocations', total);
    case 'temporaryBytes':
      return t ('{bytes} in temporary allocations', { bytes: value });
    case 'peakBytes':
      return t ('{bytes} at the peak', { bytes: value });
    default:
      return n ('{n} block at the peak', '{n} blocks at the peak', total);
    }
  }

  function showStatus () {
    const { contents, session } = model.head;

    status.textContent = [totalWords (), n ('{n} distinct stack', '{n} distinct stacks', tree.nStacks),
                          tree.nTruncated ? n ('{n} not recorded to its end', '{n} not recorded to their ends', tree.nTruncated) : null,
                          tree.nFolded ? n ('{n} light one cut short', '{n} light ones cut short', tree.nFolded) : null,
                          contents.callsLeftOut && sumsOf === 'whole' ? n ('{n} light stack not told apart', '{n} light stacks not told apart', contents.callsLeftOut) : null,
                          session.samplingInterval ? t ('estimated from samples') : null].filter (text => text).join (' · ');
    status.title = status.textContent;
  }

  function showLegend () {
    const entryOf = colour => h ('button', { class: `chip legend-module${state.colour === colour ? ' on' : ''}`, type: 'button', 'aria-pressed': String (state.colour === colour), 'data-colour': colour,
                                             onclick: () => set ({ colour: state.colour === colour ? null : colour }) },
      h ('i', { class: 'call-swatch', style: { background: `var(${COLOURS[colour]})` } }), h ('span', { class: 'name' }, colour < tree.legend.length ? model.moduleName (tree.legend[colour]) : t ('others')));

    replace (legend, tree.legend.map ((_, colour) => entryOf (colour)), tree.hasOthers ? entryOf (7) : null);
  }

  function drawStrip () {
    const [begin, end] = strip.range;
    const isWhole = store.state.range === null;
    const digits = end - begin > 6e10 ? 1 : 3;

    replace (stripWords, h ('div', null, h ('b', null, t ('At {time}', { time: moment (end, digits) })), ' ', h ('span', { class: 'tag' }, isWhole ? t ('end') : t ('end of the range'))),
             h ('div', { class: 'caption dim' }, isWhole ? t ('Whole recording · {length}', { length: duration (end - begin) })
               : t ('Range {begin} – {end}, {length}', { begin: moment (begin, digits), end: moment (end, digits), length: duration (end - begin) })));
  }

  function show () {
    const stacks = model.head.hasStacks;
    const something = tree !== null && tree.weigh (0) > 0;
    const pressed = (group, key) => {
      for (const button of group.children)
        button.setAttribute ('aria-pressed', String (button.dataset.key === key));
    };

    pressed (direction, state.bottomUp ? 'up' : 'down');
    pressed (displays, state.display);
    threads.setAttribute ('aria-pressed', String (state.byThread));
    flames.setAttribute ('aria-pressed', String (state.flames));
    measure.value = state.measure;
    if (search.value !== state.query)
      search.value = state.query;
    toolbar.hidden = !stacks;
    body.dataset.display = state.display;
    body.hidden = !something;
    pathRow.hidden = legendRow.hidden = !something;
    names.hidden = !something || !tree.lacksNames;
    covers.hidden = !(store.state.range && store.figures === store.whole && stacks);
    covers.textContent = t ('Of the whole recording: the page lacks some blocks, so the calls of a range can’t be told. Export that range for its own page.');
    hint.show (stacks && (state.measure === 'liveBytes' || state.measure === 'liveBlocks'));
    empty.hidden = something || (stacks && tree === null);
    if (!empty.hidden)
      replace (empty, h ('h3', null, stacks ? t ('Nothing weighs anything') : t ('No call stacks')),
               h ('p', { class: 'dim' }, stacks ? t ('By this measure there is nothing in the selected time.')
                 : model.head.session.format.startsWith ('memscope-rs') ? t ('memscope-rs stored no call stacks in this file, so there are no calls to show. The variables and threads of its allocations are in the other views.')
                   : t ('This recording holds no call stacks, so there are no calls to show. Programs recorded by memscope-cli have them.')),
               stacks && store.state.range ? h ('button', { class: 'pill', type: 'button', onclick: () => store.setRange (null) }, t ('Whole recording')) : null);
    if (!something)
      return;
    showStatus ();
    showLegend ();
    showPath ();
    table.drawHeads ();
    flame.flames = state.flames;
    body.dataset.total = String (tree.weigh (0));
    body.dataset.measure = state.measure;
    body.style.setProperty ('--flame-height', `${(tree.height[0] + 1) * 25 + 2}px`);
  }

  function showTip (box, area) {
    tip.hidden = box === null;
    if (!box)
      return;

    const lines = box.more ? [n ('{n} more below {name}, too narrow to be drawn: zoom into it', '{n} more below {name}, too narrow to be drawn: zoom into it', box.more, { name: nameOf (box.node).slice (0, 300) })]
      : linesOf (box.node);
    const left = flame.element.offsetLeft + area.x;
    const below = flame.element.offsetTop + area.y + area.height + 4;

    replace (tip, h ('b', { class: 'call-tip-name' }, lines[0]), lines.slice (1).map (line => h ('div', null, line)));
    tip.style.setProperty ('left', `${Math.max (Math.min (left, body.clientWidth - tip.offsetWidth - 12), 12)}px`);
    tip.style.setProperty ('top', `${below + tip.offsetHeight > body.clientHeight && area.y > tip.offsetHeight ? flame.element.offsetTop + area.y - tip.offsetHeight - 4 : below}px`);
  }

  // ---- the menu

  const copy = text => navigator.clipboard?.writeText (text).catch (() => announce (t ('The browser does not let the page copy')));

  function openMenu (node, x, y) {
    choose (node);

    const before = document.activeElement;
    const close = () => {
      menu.hidden = true;
      document.removeEventListener ('pointerdown', outside, true);
      before?.focus?.();
    };
    const outside = event => !menu.contains (event.target) && close ();
    const item = (text, action, disabled) => h ('button', { class: 'flat', type: 'button', role: 'menuitem', disabled, onclick: () => {
      close ();
      action ();
    } }, text);

    replace (menu, item (t ('Zoom in here'), () => zoom (node), node === flame.root), item (t ('Zoom out'), () => zoom (tree.parent[flame.root]), flame.root === 0), item (t ('Show everything'), () => zoom (0), flame.root === 0),
             h ('hr'), item (t ('Show these variables'), () => store.set ({ query: nameOf (node), view: 'variables' }), !tree.isSite (node)),
             item (t ('Search for this function'), () => set ({ query: nameOf (node) }), node === 0),
             h ('hr'), item (t ('Copy name'), () => copy (nameOf (node))), item (t ('Copy stack'), () => copy (stackText (node)), node === 0));
    menu.hidden = false;
    menu.style.setProperty ('left', `${Math.min (x, innerWidth - menu.offsetWidth - 6)}px`);
    menu.style.setProperty ('top', `${Math.min (y, innerHeight - menu.offsetHeight - 6)}px`);
    menu.onkeydown = event => {
      const items = [...menu.querySelectorAll ('button:not(:disabled)')];
      const at = items.indexOf (document.activeElement);
      const moves = { ArrowDown: () => items[(at + 1) % items.length].focus (), ArrowUp: () => items[(at + items.length - 1) % items.length].focus (), Escape: close, Tab: close };

      if (event.key in moves) {
        event.preventDefault ();
        event.stopPropagation ();
        moves[event.key] ();
      }
    };
    menu.querySelector ('button:not(:disabled)')?.focus ();
    document.addEventListener ('pointerdown', outside, true);
  }

  element.addEventListener ('keydown', event => {
    if (event.ctrlKey && !event.altKey && event.key.toLowerCase () === 'g' && found) {
      event.preventDefault ();
      stepHit (event.shiftKey ? -1 : 1);
    }
  });

  drawStrip ();
  show ();

  return {
    element,
    search,
    shown: () => {
      strip.draw ();
      flame.layOut ();
      table.draw ();
      fill ();
    },
    update: changed => {
      if (changed.has ('range')) {
        strip.place ();
        drawStrip ();
      }
      if (changed.has ('figures') && element.isConnected)
        fill ();
    },
  };
}
