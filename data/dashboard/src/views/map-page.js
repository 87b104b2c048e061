// SPDX-License-Identifier: GPL-3.0-or-later
// The map in the exported page: what is alive at the instant of the page, of the rows
// that pass the filters of its cards.

import { h, replace } from '../dom.js';
import { count, duration, moment } from '../format.js';
import { n, t } from '../i18n.js';
import { icon } from '../icons.js';
import { hotPages, liveMap } from './map-live.js';
import { mountMap } from './map.js';
import { newPeakHint } from './peak-hint.js';
import { Timeline } from './timeline.js';
import { newMatcher } from './variables.js';

// Which rows pass what the cards are filtered by; null: all.
function selector (store) {
  const { state, model } = store;

  const { mask } = model.rows;

  if ((!state.query || state.filter) && state.stages.size === 0 && state.minimum === 0 && state.thread === null)
    return mask ? row => mask[row] === 1 : null;

  const matches = newMatcher (store);
  const passing = new Uint8Array (model.cards.length);

  for (const card of store.figures.cards)
    passing[card.index] = matches (card) ? 1 : 0;

  return row => (!mask || mask[row] === 1) && model.cardOf[row] >= 0 && passing[model.cardOf[row]] === 1;
}

// Whether a hole can be nothing but a hole.
function isComplete ({ contents, selection }) {
  return contents.rows === contents.selected && selection.allThreads && selection.allModules && selection.allSizes && !selection.text;
}

const PLAY_TIME = 9000;   // ms for the whole range

export function newMap (store) {
  const { model } = store;
  const host = h ('div', { class: 'map-host' });
  const strip = new Timeline (store, { compact: true, withInstant: true });
  const words = h ('div', { class: 'strip-words' });
  const play = h ('button', { class: 'icon-only map-play', type: 'button', onclick: () => playing ? stop () : start () });
  const hint = newPeakHint (store, t ('Go to the peak'), instant => store.setInstant (instant));
  let playing = null;
  const element = h ('div', { class: 'map-page' }, h ('h2', { class: 'unseen' }, t ('Memory map')), hint.element, host, h ('div', { class: 'strip' }, words, strip.element, play));
  const names = { thread: id => id ? model.threadLabel (id) : '', variable: model.variable, site: i => i ? model.frameWords (i) : ['', ''] };
  const map = mountMap (host, { data: null, names, state: { ...store.mapState, complete: isComplete (model.head) }, actions: {
    inspect: row => {
      const card = model.cards[model.cardOf[row]];

      if (card)
        store.set ({ view: 'variables', card: store.cardInRange (card), tab: 'overview', block: row });
    },
    changed: state => Object.assign (store.mapState, state),
    select: row => Object.assign (store.mapState, { row }),
  } });
  // For scripts: what a person does with the pointer.
  host.memoryMap = map;

  let asked = false;
  let hot = null;
  let frame = 0;

  function bounds () {
    const [begin, end] = store.state.range ?? [store.whole.begin, store.whole.end];

    return { begin, end, instant: store.instant };
  }

  // At most once a frame, and not while nobody looks.
  function make () {
    if (asked || store.state.view !== 'map')
      return;
    asked = true;
    requestAnimationFrame (async () => {
      await store.loadRows ();
      asked = false;

      const { begin, end, instant } = bounds ();
      const selects = selector (store);
      const key = `${begin} ${end} ${store.state.query} ${store.state.filter?.text ?? ''} ${[...store.state.stages]} ${store.state.minimum} ${store.state.thread}`;

      if (hot?.key !== key)
        hot = { key, pages: hotPages (model, { begin, end, selects }) };
      map.setData ({ ...liveMap (model, { instant, begin, end, selects }), hotPages: hot.pages });
      element.dataset.instant = String (instant);
      drawWords ();
    });
  }

  // Replays the range: as fast as maps are made, but no faster than a person can follow.
  function start () {
    const { begin, end, instant } = bounds ();
    const from = instant >= end || instant <= begin ? begin + 1 : instant;
    const began = performance.now ();
    const still = matchMedia ('(prefers-reduced-motion: reduce)').matches;
    let last = 0;

    playing = () => {
      const now = performance.now ();
      const at = from + (now - began) / PLAY_TIME * (end - begin);

      if (at >= end) {
        stop ();
        store.setInstant (null);
        return;
      }
      if (!asked && now - last > (still ? 700 : 30)) {
        last = now;
        store.setInstant (Math.round (at));
      }
      frame = requestAnimationFrame (playing);
    };
    drawPlay ();
    playing ();
  }

  function stop () {
    cancelAnimationFrame (frame);
    playing = null;
    drawPlay ();
  }

  function drawPlay () {
    const said = playing ? t ('Stop the replay') : t ('Replay the range');

    play.title = said;
    play.setAttribute ('aria-label', said);
    replace (play, icon (playing ? 'pause' : 'play'));
  }

  function drawWords () {
    const { begin, end, instant } = bounds ();
    const whole = store.state.range === null;
    const digits = end - begin > 6e10 ? 1 : 3;

    replace (words, h ('div', null, h ('b', null, t ('At {time}', { time: moment (instant, digits) })), ' ',
                       store.state.instant === null ? h ('span', { class: 'tag' }, whole ? t ('end') : t ('end of the range'))
                         : h ('button', { class: 'tag map-instant', type: 'button', title: t ('Back to the end of the range'), onclick: () => store.setInstant (null) }, t ('instant'), icon ('close', 9))),
             h ('div', { class: 'caption dim' }, whole ? t ('Whole recording · {length}', { length: duration (end - begin) })
               : t ('Range {begin} – {end}, {length}', { begin: moment (begin, digits), end: moment (end, digits), length: duration (end - begin) })),
             h ('div', { class: 'caption dim' }, map.data ? n ('{n} live block', '{n} live blocks', map.data.selected) : '…'));
  }

  drawPlay ();
  drawWords ();

  return {
    element,
    map,
    shown: () => {
      make ();
      strip.draw ();
      drawWords ();
    },
    update: changed => {
      const any = (...keys) => keys.some (key => changed.has (key));

      if (any ('view', 'range') && playing)
        stop ();
      if (any ('range', 'instant', 'figures'))
        strip.place ();
      if (any ('range', 'instant', 'rows', 'query', 'stages', 'minimum', 'thread', 'figures', 'view'))
        make ();
      if (any ('range', 'instant', 'rows', 'figures'))
        drawWords ();
      if (any ('range', 'instant', 'figures'))
        hint.show (store.state.instant === null);
      if (any ('theme'))
        map.redraw ();
    },
  };
}
