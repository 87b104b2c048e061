// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers, when, of what, who: in this order.

import { h, replace } from '../dom.js';
import { LIFETIME_BINS, SIZE_BINS, lifetimeBin, lifetimeFrom, sizeBin } from '../fold.js';
import { bytes, bytesParts, count, countParts, duration, isKnown, moment, percent, rate, rateParts } from '../format.js';
import { n, t } from '../i18n.js';
import { icon } from '../icons.js';
import { categoryChip, nameTag } from './cards.js';
import { histogram, meter, panel, ring, sparkline, table } from './charts.js';
import { Timeline } from './timeline.js';

const TOP = 5;
const MORE = 50;           // lines that “Show more” adds
const TABLE_LINES = 200;

function tile ({ title, parts, note, drawing, warn, action, hint }) {
  const [figure, unit] = parts;

  return h (action ? 'button' : 'div', { class: 'panel tile', type: action ? 'button' : null, onclick: action, title: hint },
            h ('span', { class: 'tile-title dim' }, warn ? icon ('warning', 14) : null, title),
            h ('span', { class: 'tile-figure' }, figure, unit ? h ('small', null, unit) : null),
            h ('span', { class: 'caption dim tile-note' }, note),
            drawing ? h ('span', { class: 'tile-drawing' }, drawing) : null);
}

// A timeline's column as a sparkline's values.
function asSpark (values) {
  const n32 = 32;
  const highest = Math.max (...values, 1);

  return Array.from ({ length: n32 }, (_, k) => {
    const part = values.slice (Math.floor (k * values.length / n32), Math.max (Math.floor ((k + 1) * values.length / n32), Math.floor (k * values.length / n32) + 1));

    return Math.max (...part) / highest * 255;
  });
}

// Sampled recordings: the figure with its interval, or none.
function estimate (summary, key, parts, format) {
  const found = summary.estimates?.[key];

  if (!found)
    return { parts: parts (summary[key]) };
  if (found.tooFew)
    return { parts: ['–', ''], note: t ('too few samples') };

  const [figure, unit] = parts (found.value);

  return { parts: [`≈ ${figure}`, unit], note: t ('± {error} (95 %)', { error: format (found.error) }) };
}

function leakTile (store, { leakedBlocks, leakedBytes, leakStacks, aliveAtEnd }) {
  const { head } = store.model;

  if (!isKnown (leakedBlocks))
    return tile ({ title: t ('Leaked'), parts: ['–', ''], note: !head.session.hasDeaths ? t ('frees were not recorded') : store.state.range
      ? t ('known at the end only') : head.session.ended ? t ('the recording is not complete') : t ('the program was still running') });

  const causes = leakStacks ?? head.leaks.total;
  const derived = isKnown (aliveAtEnd) ? t ('{n} without a free', { n: count (aliveAtEnd) }) : null;

  return tile ({ title: t ('Leaked'), parts: bytesParts (leakedBytes), warn: leakedBlocks > 0,
                 action: leakedBlocks > 0 ? () => {
                   store.set ({ view: 'diagnostics' });
                   store.emit (['leak']);
                 } : null,
                 note: derived ?? `${n ('{n} block', '{n} blocks', leakedBlocks)} · ${n ('{n} stack', '{n} stacks', causes)}`,
                 hint: `${isKnown (aliveAtEnd) ? t ('flagged in the file') : t ('Alive at the end of a complete recording')}: ${n ('{n} block', '{n} blocks', leakedBlocks)}` });
}

function tiles (store) {
  const { summary } = store.figures;
  const { timeline } = store.model.head;
  const temporary = summary.frees > 0 ? summary.temporary / summary.allocations : null;
  const rss = isKnown (summary.peakRss) ? ` · RSS ${bytes (summary.peakRss)}` : '';

  return [
    tile ({ title: t ('Live bytes'), note: n ('in {n} block', 'in {n} blocks', summary.liveBlocks), ...estimate (summary, 'liveBytes', bytesParts, bytes),
            drawing: sparkline (asSpark (timeline.last)),
            hint: isKnown (summary.efficiency) ? t ('{share} % of the usable bytes were asked for', { share: percent (summary.efficiency, 1) }) : null }),
    tile ({ title: t ('Peak'), ...estimate (summary, 'peakBytes', bytesParts, bytes), note: `${t ('at {time}', { time: moment (summary.peakTime) })}${rss}`,
            drawing: sparkline (asSpark (timeline.max)), hint: n ('{n} block was alive then', '{n} blocks were alive then', summary.peakBlocks) }),
    tile ({ title: t ('Allocations'),
            note: store.model.head.session.hasDeaths ? t ('{n} freed', { n: count (summary.frees) }) : t ('frees were not recorded'),
            ...estimate (summary, 'allocations', countParts, count),
            hint: t ('{bytes} in all', { bytes: bytes (summary.bytes) }) }),
    leakTile (store, summary),
    tile ({ title: t ('Temporary'), parts: [percent (temporary), temporary === null ? '' : '%'],
            note: temporary === null ? t ('no frees in the range') : n ('{n} allocation', '{n} allocations', summary.temporary),
            drawing: temporary === null ? null : ring (temporary), hint: t ('freed before the next allocation of their thread') }),
    tile ({ title: t ('Allocation rate'), parts: rateParts (summary.rate),
            note: t ('peak {rate} at {time}', { rate: rate (summary.peakRate), time: moment (summary.peakRateTime) }),
            drawing: h ('span', { class: 'grey' }, sparkline (asSpark (timeline.births))) }),
  ];
}

function sizePanel ({ histograms }) {
  const used = histograms.sizes.map ((value, i) => value > 0 ? i : -1).filter (i => i >= 0);
  const from = Math.max ((used[0] ?? 3) - 1, 0);
  const to = Math.min (Math.max (used[used.length - 1] ?? 10, from + 7) + 1, SIZE_BINS - 1);
  const bins = Array.from ({ length: to - from + 1 }, (_, k) => from + k);
  const label = i => i === 0 ? '0 B' : bytes (2 ** i);
  const marked = isKnown (histograms.medianSize) ? sizeBin (histograms.medianSize) - from : undefined;

  return panel ({ title: t ('Block sizes'), note: isKnown (histograms.medianSize) ? t ('median {size}', { size: bytes (histograms.medianSize) }) : null, className: 'sizes',
    draw: () => histogram ({ values: bins.map (i => histograms.sizes[i]), labels: bins.map (label), marked, title: t ('Allocations by block size'), height: 132 }),
    twin: () => table ([[t ('From')], [t ('Allocations'), true], [t ('Bytes'), true]],
                       bins.map (i => [label (i), count (histograms.sizes[i]), bytes (histograms.sizeBytes[i])]), t ('Allocations by block size')) });
}

function lifetimePanel (store) {
  const { histograms } = store.figures;
  const values = [...histograms.lifetimes, histograms.neverDied];
  const label = i => i === LIFETIME_BINS ? t ('live on') : i === 0 ? '< 1 µs' : duration (lifetimeFrom (i));
  const marked = isKnown (histograms.medianLifetime) ? lifetimeBin (histograms.medianLifetime) : undefined;

  return panel ({ title: t ('Lifetimes'), className: 'lifetimes',
    note: isKnown (histograms.medianLifetime) ? t ('median {time}', { time: duration (histograms.medianLifetime) }) : t ('nothing was freed'),
    draw: () => histogram ({ values, labels: values.map ((_, i) => label (i)), marked, title: t ('Freed blocks by lifetime'), height: 132 }),
    twin: () => table ([[t ('From')], [t ('Blocks'), true]], values.map ((value, i) => [label (i), count (value)]), t ('Freed blocks by lifetime')) });
}

// How many of a list are shown, and a button for more of them. `all` counts those
// too that the page does not hold.
function tally ({ shown, held, all, showMore }) {
  if (shown >= all)
    return null;

  return h ('div', { class: 'top-more' },
    h ('span', { class: 'dim caption num' }, t ('{shown} of {all}', { shown: count (shown), all: count (all) })),
    shown < held ? h ('button', { class: 'link', type: 'button', onclick: showMore }, t ('Show more'))
      : h ('span', { class: 'dim caption' }, t ('The others are not in this page.')));
}

// `name` is that of the list among the figures. What people opened stays open when the range moves.
function topList ({ store, name, title, note, groups, value, words, colour, more, choose }) {
  const sorted = groups.filter (group => value (group) > 0).sort ((a, b) => value (b) - value (a));
  const highest = sorted.length ? value (sorted[0]) : 1;
  const head = store.model.head[name];
  const unlisted = store.figures === store.whole && !store.model.complete ? head.total - head.thread.length : 0;
  const opened = store.opened[name] ??= { list: TOP, table: TABLE_LINES };
  const item = group => h (choose ? 'button' : 'div', { class: 'top-item', type: choose ? 'button' : null, onclick: choose ? () => choose (group) : null },
    h ('span', { class: 'top-words' }, words (group)), h ('b', { class: 'num' }, bytes (value (group))), meter (value (group) / highest, colour));
  const line = group => [words (group, true), bytes (group.liveBytes), bytes (group.bornBytes), count (group.births), bytes (group.peakBytes)];

  // The first lines of `from`, the way to the rest, and the focus on the first of what came.
  function list (from, kind, step, draw) {
    const box = h ('div', null);
    const show = () => replace (box, draw (from.slice (0, opened[kind])),
      tally ({ shown: Math.min (opened[kind], from.length), held: from.length, all: from.length + unlisted,
               showMore: () => {
                 const before = Math.min (opened[kind], from.length);

                 opened[kind] += step;
                 show ();
                 box.querySelectorAll (kind === 'list' ? '.top-item' : 'tbody tr')[before]?.focus ();
               } }));

    show ();

    return box;
  }

  return panel ({ title, note, className: `top ${name}`,
    extra: more ? h ('button', { class: 'link', type: 'button', onclick: more }, t ('Show all')) : null,
    draw: () => sorted.length ? list (sorted, 'list', MORE, part => h ('ul', { class: 'top-list' }, part.map (group => h ('li', null, item (group)))))
      : h ('p', { class: 'dim empty' }, t ('Nothing here.')),
    twin: () => list (groups, 'table', TABLE_LINES, part =>
      table ([[t ('Name')], [t ('Live'), true], [t ('Allocated'), true], [t ('Allocations'), true], [t ('Peak'), true]], part.map (line), title)) });
}

function topVariables (store) {
  const { model, figures } = store;
  const someLive = figures.cards.some (card => card.liveBytes > 0);

  return topList ({ store, name: 'cards', title: t ('Top variables'), note: someLive ? t ('live') : t ('peak'), groups: figures.cards, colour: 'var(--c1)',
    value: card => someLive ? card.liveBytes : card.peakBytes,
    words: card => [h ('code', { class: 'name' }, model.variableName (card.variable)), nameTag (model.variable (card.variable)),
                    h ('span', { class: 'dim name' }, model.threadLabel (card.thread))],
    choose: card => store.set ({ view: 'variables', card, tab: 'overview', block: null }),
    more: () => store.set ({ view: 'variables' }) });
}

function topSites (store) {
  const { model, figures } = store;
  const named = figures.callSites.filter (group => group.callSite);

  return topList ({ store, name: 'callSites', title: t ('Top call sites'), note: t ('allocated'), groups: named, colour: 'var(--c2)', value: group => group.bornBytes,
    words: group => {
      const [name, place] = model.frameWords (group.callSite);

      return [h ('code', { class: 'name' }, name), h ('span', { class: 'dim name' }, place)];
    },
    choose: group => store.set ({ view: 'variables', query: model.frameWords (group.callSite)[0] }) });
}

function topThreads (store) {
  const { model, figures } = store;
  const someLive = figures.threads.some (group => group.liveBytes > 0);

  return topList ({ store, name: 'threads', title: t ('Threads'), note: someLive ? t ('live') : t ('allocated'), groups: figures.threads, colour: 'var(--c3)',
    value: group => someLive ? group.liveBytes : group.bornBytes,
    words: group => [h ('span', { class: 'name' }, model.threadLabel (group.thread)), categoryChip (model, group.thread)],
    choose: group => store.set ({ view: 'variables', thread: group.thread }) });
}

function topTypes (store) {
  const { model, figures } = store;
  const typed = figures.types.filter (group => group.type);

  return typed.length ? topList ({ store, name: 'types', title: t ('Top types'), note: t ('allocated'), groups: typed, colour: 'var(--c4)',
    value: group => group.bornBytes, words: group => h ('code', { class: 'name' }, model.text (group.type)),
    choose: group => store.set ({ view: 'variables', query: model.text (group.type) }) }) : null;
}

function legend (hasRss) {
  const entry = (mark, words) => h ('span', { class: 'legend' }, h ('i', { class: mark }), words);

  return [entry ('legend-live', t ('Live bytes')), hasRss ? entry ('legend-rss', 'RSS') : h ('span', { class: 'legend dim' }, t ('RSS was not recorded')), entry ('legend-rate', t ('Rate'))];
}

export function newOverview (store) {
  const timeline = new Timeline (store, { compact: false });
  const tileRow = h ('div', { class: 'tiles' });
  const lower = h ('div', { class: 'lower' });
  const notice = h ('div', { hidden: true });
  const hasRss = store.model.head.timeline.rss.some (value => value !== null);
  const whole = h ('button', { class: 'small', type: 'button', onclick: () => store.setRange (null) }, t ('Whole recording'));
  const chart = panel ({ title: t ('Memory over time'), className: 'chart', extra: [legend (hasRss), whole], draw: () => timeline.element,
    twin: () => table ([[t ('Time')], [t ('Highest'), true], [t ('At its end'), true], ['RSS', true], [t ('Allocations'), true], [t ('Frees'), true]],
                       timeline.lines (), t ('Memory over time')) });

  function drawFigures () {
    replace (tileRow, tiles (store));
    replace (lower, sizePanel (store.figures), lifetimePanel (store), topVariables (store), topSites (store), topThreads (store), topTypes (store));
    notice.hidden = store.state.range === null || store.model.complete;
    replace (notice, h ('p', { class: 'notice' }, icon ('info'), t ('Not every block is in this page, so figures stay those of the whole.')));
    whole.disabled = store.state.range === null;
  }

  drawFigures ();

  return {
    element: h ('div', { class: 'overview' }, tileRow, chart, notice, lower),
    shown: () => timeline.draw (),
    update: changed => {
      if (changed.has ('range'))
        timeline.place ();
      if (changed.has ('figures'))
        drawFigures ();
    },
  };
}
