// SPDX-License-Identifier: GPL-3.0-or-later
// The life of a variable: its stages and live bytes over time, the events of one
// of its blocks, and how long the others lived.

import { area, curveStepAfter, line } from 'd3-shape';

import { h, svg } from '../dom.js';
import { LIFETIME_BINS, judgeStage, lifetimeBin, lifetimeFrom } from '../fold.js';
import { bytes, count, digitsFor, duration, moment } from '../format.js';
import { n, t } from '../i18n.js';
import { icon, stageIcon } from '../icons.js';
import { FLAG_SHARED, NEVER, UNLISTED, deathOf } from '../rows.js';
import { stageWord } from './cards.js';
import { histogram, table } from './charts.js';

const WIDTH = 360;
const HEIGHT = 96;
const BAND_PARTS = 60;
const MAX_STEPS = 2000;
const DEATH_UNSEEN = 3;

// Births and deaths of these rows in order: [time, bytes, row].
function changesOf (rows, found) {
  const changes = [];

  for (const i of found) {
    if (rows.death[i] < rows.birth[i])
      continue;
    changes.push ([rows.birth[i], rows.size[i], i, rows.birthEvent[i]]);
    if (rows.death[i] !== NEVER)
      changes.push ([rows.death[i], -rows.size[i], i, rows.deathEvent[i]]);
  }

  return changes.sort ((a, b) => a[3] - b[3]);
}

// Stage at the ends of equal parts of the time, joined where it stays the same.
function stageBands (rows, changes, begin, end) {
  const bands = [];
  let at = 0;
  let live = 0;
  let first = NEVER;
  let last = 0;
  let shared = false;

  for (let k = 1; k <= BAND_PARTS; k++) {
    const instant = begin + (end - begin) * k / BAND_PARTS;

    for (; at < changes.length && changes[at][0] < instant; at++) {
      const [time, size, i] = changes[at];

      live += size >= 0 && time === rows.birth[i] && changes[at][3] === rows.birthEvent[i] ? 1 : -1;
      first = Math.min (first, time);
      last = Math.max (last, time);
      shared ||= (rows.flags[i] & FLAG_SHARED) !== 0 || (rows.deathThread[i] !== 0 && rows.deathThread[i] !== rows.thread[i]);
    }

    const stage = first === NEVER ? null : judgeStage (live, shared, first, last, instant);
    const [previous] = bands.slice (-1);

    if (previous && previous.stage === stage)
      previous.to = k;
    else
      bands.push ({ stage, from: k - 1, to: k });
  }

  return bands;
}

function staircase (changes, begin, end) {
  const points = [[begin, 0]];
  let live = 0;
  let highest = 1;

  for (const [time, size] of changes) {
    live += size;
    highest = Math.max (highest, live);
    points.push ([Math.min (Math.max (time, begin), end), live]);
  }
  points.push ([end, live]);

  return { points: points.length > MAX_STEPS ? thin (points, MAX_STEPS) : points, highest };
}

// Of each run of points the highest and the last.
function thin (points, most) {
  const per = Math.ceil (points.length / most * 2);
  const kept = [];

  for (let i = 0; i < points.length; i += per) {
    const part = points.slice (i, i + per);

    kept.push (part.reduce ((best, point) => point[1] > best[1] ? point : best), part[part.length - 1]);
  }

  return kept;
}

function drawLife ({ store, model, found, block }) {
  const { rows } = model;
  const { begin, end } = store.figures;
  const changes = changesOf (rows, found);
  const { points, highest } = staircase (changes, begin, end);
  const x = time => (time - begin) / Math.max (end - begin, 1) * WIDTH;
  const y = value => HEIGHT - value / highest * (HEIGHT - 6);
  const shape = area ().x (([time]) => x (time)).y0 (HEIGHT).y1 (([, value]) => y (value)).curve (curveStepAfter);
  const edge = line ().x (([time]) => x (time)).y (([, value]) => y (value)).curve (curveStepAfter);
  const digits = Math.min (digitsFor (end - begin), 3);
  const bands = stageBands (rows, changes, begin, end).filter (({ stage }) => stage);
  const label = t ('Live bytes of the variable over time, highest {peak}', { peak: bytes (highest) });

  return h ('figure', { class: 'life' },
            h ('div', { class: 'bands' }, bands.map (({ stage, from, to }) => {
              const band = h ('div', { class: `band stage-${stage}`, title: stageWord (stage) }, stageIcon (stage, 12), (to - from) / BAND_PARTS > 0.2 ? stageWord (stage) : h ('span', { class: 'unseen' }, stageWord (stage)));

              band.style.setProperty ('left', `${from / BAND_PARTS * 100}%`);
              band.style.setProperty ('width', `${(to - from) / BAND_PARTS * 100}%`);
              return band;
            })),
            h ('div', { class: 'life-scale caption dim' }, bytes (highest)),
            svg ('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', class: 'life-drawing', role: 'img', 'aria-label': label },
                 svg ('path', { class: 'grid-line', d: `M0 ${HEIGHT / 2}H${WIDTH}` }),
                 svg ('path', { class: 'live-area', d: shape (points) }), svg ('path', { class: 'live-line', d: edge (points), 'vector-effect': 'non-scaling-stroke' }),
                 block === null ? null : svg ('path', { class: 'pin', d: `M${x (rows.birth[block])} 0V${HEIGHT}`, 'vector-effect': 'non-scaling-stroke' })),
            h ('div', { class: 'axis-labels' }, h ('span', null, moment (begin, digits)), h ('span', null, moment (end, digits))));
}

// The chain of reallocs that this block is a part of, first to last.
function chainOf (rows, block) {
  const chain = [block];

  while (rows.previous[chain[0]] !== 0 && rows.previous[chain[0]] !== UNLISTED && chain.length < 100000)
    chain.unshift (rows.previous[chain[0]] - 1);
  for (let next = block; deathOf (rows, next) === 2;) {
    const after = followerOf (rows, next);

    if (after < 0)
      break;
    chain.push (after);
    next = after;
  }

  return chain;
}

let followers = null;

function followerOf (rows, row) {
  if (followers?.rows !== rows) {
    followers = { rows, of: new Map () };
    for (let i = 0; i < rows.n; i++)
      if (rows.previous[i] !== 0 && rows.previous[i] !== UNLISTED)
        followers.of.set (rows.previous[i] - 1, i);
  }

  return followers.of.get (row) ?? -1;
}

const where = (model, stack) => {
  const site = model.stacks.site[stack] || model.stacks.frame[stack];

  return site ? model.frameWords (site).filter (words => words).join (' · ') : t ('stack not recorded');
};

const REPORTS = () => ({ 1: t ('Named through the API'), 3: t ('Cloned'), 4: t ('Borrowed'), 5: t ('Borrowed mutably'), 6: t ('Borrow returned'),
                         9: t ('Handed over to {name}'), 10: t ('Taken back from {name}') });

function eventsOf ({ model, block }) {
  const { rows } = model;
  const chain = chainOf (rows, block);
  const first = chain[0];
  const last = chain[chain.length - 1];
  const events = [{ icon: 'birth', time: rows.birth[first], title: t ('Born, {size}, {thread}', { size: bytes (rows.size[first]), thread: model.threadLabel (rows.thread[first]) }), note: where (model, rows.stack[first]) }];

  if (chain.length > 1)
    events.push (growth (model, chain));
  for (const [row, kind, time, thread, , name] of model.head.annotations)
    if (chain.includes (row - 1) && REPORTS ()[kind])
      events.push ({ icon: kind >= 9 ? 'handover' : 'copy', time, title: REPORTS ()[kind].replace ('{name}', () => model.text (name) || t ('not named')), note: `${model.threadLabel (thread)} · ${t ('reported through the API')}` });
  events.push (ending (model, first, last));

  return events.sort ((a, b) => a.time - b.time);
}

function growth (model, chain) {
  const { rows } = model;
  const moved = chain.filter ((i, k) => k > 0 && (rows.addressLow[i] !== rows.addressLow[chain[k - 1]] || rows.addressHigh[i] !== rows.addressHigh[chain[k - 1]]));
  const copied = moved.reduce ((sum, i) => sum + Math.min (rows.size[rows.previous[i] - 1], rows.size[i]), 0);
  const last = chain[chain.length - 1];

  return { icon: 'grow', time: rows.birth[last], title: n ('Resized once to {size}', 'Resized {n} times to {size}', chain.length - 1, { size: bytes (rows.size[last]) }),
           note: moved.length ? `${n ('moved once', 'moved {n} times', moved.length)} · ${t ('{bytes} copied', { bytes: bytes (copied) })} · ${where (model, rows.stack[last])}` : `${t ('in place')} · ${where (model, rows.stack[last])}` };
}

function ending (model, first, last) {
  const { rows } = model;

  if (rows.death[last] === NEVER)
    return { icon: 'alive', time: NEVER, title: t ('Alive at the end'), note: model.head.session.hasDeaths ? t ('not freed in this recording') : t ('frees were not recorded') };
  if (deathOf (rows, last) === DEATH_UNSEEN)
    return { icon: 'death', time: rows.death[last], title: t ('Its end was not seen'), note: t ('another block was born at its address') };

  return { icon: 'death', time: rows.death[last], title: rows.deathThread[last] ? t ('Freed by {thread}', { thread: model.threadLabel (rows.deathThread[last]) }) : t ('Freed'),
           note: `${rows.deathStack[last] ? `${where (model, rows.deathStack[last])} · ` : ''}${t ('lived {time}', { time: duration (Math.max (rows.death[last] - rows.birth[first], 0)) })}` };
}

function lifetimes ({ model, found, block }) {
  const { rows } = model;
  const values = new Array (LIFETIME_BINS + 1).fill (0);
  const ages = [];

  for (const i of found) {
    if (rows.death[i] === NEVER) {
      values[LIFETIME_BINS]++;
    } else if (deathOf (rows, i) !== DEATH_UNSEEN) {
      const age = Math.max (rows.death[i] - rows.birth[i], 0);

      ages.push (age);
      values[lifetimeBin (age)]++;
    }
  }
  ages.sort ((a, b) => a - b);

  const labels = values.map ((_, i) => i === LIFETIME_BINS ? t ('live on') : i === 0 ? '< 1 µs' : duration (lifetimeFrom (i)));
  const pin = block === null ? undefined : rows.death[block] === NEVER ? LIFETIME_BINS : lifetimeBin (Math.max (rows.death[block] - rows.birth[block], 0));
  const title = n ('Lifetime of its one block', 'Lifetimes of all {n} blocks', found.length);

  return h ('section', { class: 'inset' },
            h ('div', { class: 'panel-head' }, h ('h3', null, title), h ('span', { class: 'space' }),
               h ('span', { class: 'dim caption' }, ages.length ? t ('median {time}', { time: duration (ages[Math.ceil (ages.length / 2) - 1]) }) : t ('nothing was freed'))),
            histogram ({ values, labels, pin, title, height: 64 }),
            pin === undefined ? null : h ('p', { class: 'caption dim' }, t ('The dashed line marks the block above.')),
            h ('details', null, h ('summary', null, t ('As a table')), table ([[t ('From')], [t ('Blocks'), true]], values.map ((value, i) => [labels[i], count (value)]).filter ((_, i) => values[i] > 0), title)));
}

export function newLifecycle (context, pager) {
  const { block, found } = context;

  if (found.length === 0)
    return pager;

  return [
    pager, drawLife (context),
    h ('ol', { class: 'events' }, eventsOf (context).map (event => h ('li', { class: `event event-${event.icon}` },
      h ('span', { class: 'event-mark' }, icon (event.icon, 14)),
      h ('div', { class: 'event-words' }, h ('div', { class: 'event-title' }, h ('b', null, event.title), h ('code', { class: 'dim caption' }, event.time === NEVER ? '' : moment (event.time, 6))),
         h ('div', { class: 'dim caption name' }, event.note))))),
    block === null ? null : lifetimes (context),
  ];
}
