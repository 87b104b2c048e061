// SPDX-License-Identifier: GPL-3.0-or-later
// The words and marks that stand on cards, and the card itself.

import { h } from '../dom.js';
import { bytesParts, bytes, count, percent } from '../format.js';
import { n, t } from '../i18n.js';
import { icon, stageIcon } from '../icons.js';
import { sparkline } from './charts.js';

export const stageWord = stage => ({ active: t ('active'), allocated: t ('allocated'), shared: t ('shared'), freed: t ('freed') })[stage];

export function stageHint (stage) {
  return { active: t ('Live, and used within the last tenth of its time (at least 100 ms)'),
           allocated: t ('Live, and quiet since'),
           shared: t ('Live, with evidence of more than one holder'),
           freed: t ('Nothing of it is live') }[stage];
}

export function stageMark (stage) {
  return h ('span', { class: `stage stage-${stage}`, title: stageHint (stage) }, stageIcon (stage), stageWord (stage));
}

export function sourceHint (source) {
  return { api: t ('Named by the program, through MemScope’s API'), file: t ('Named in the memscope-rs file'), dwarf: t ('Named by the debug information'),
           source: t ('Named by the line of source code'), site: t ('No name is recorded: this is where it was allocated') }[source];
}

export function nameTag (variable) {
  return variable.source ? h ('span', { class: `tag tag-${variable.source}`, title: sourceHint (variable.source) }, variable.source) : null;
}

export const categoryWord = category => ({ cpu: t ('CPU-intensive'), io: t ('I/O-intensive'), memory: t ('memory-intensive'),
                                           async: t ('async-intensive'), mixed: t ('mixed'), none: t ('category not recorded') })[category];

function categoryHint (model, category) {
  const { thresholds } = model.head;

  return { cpu: t ('On a CPU {share} % of the time or more', { share: percent (thresholds.cpuShare) }),
           io: t ('{bytes} read and written for each second of CPU time, or blocked in {share} % of the samples', { bytes: bytes (thresholds.ioBytesPerCpuSecond), share: percent (thresholds.ioBlockedShare) }),
           memory: t ('Allocates most of all threads, and {bytes} or {n} blocks a second or more', { bytes: bytes (thresholds.memoryBytesPerSecond), n: count (thresholds.memoryBirthsPerSecond) }),
           async: t ('{n} voluntary switches a second or more, on a CPU less than {share} % of the time', { n: count (thresholds.asyncSwitchesPerSecond), share: percent (thresholds.asyncCpuShare) }),
           mixed: t ('None of the others'),
           none: t ('There are no samples of this thread’s CPU time and I/O') }[category];
}

export function categoryChip (model, thread) {
  const category = model.category (thread);

  return h ('span', { class: `category${category === 'none' ? ' dim' : ''}`, title: categoryHint (model, category) },
            category === 'none' ? null : icon (category, 14), categoryWord (category));
}

export function cardWords (model, card) {
  const variable = model.variable (card.variable);

  return n ('{name}, {stage}, {live} live, peak {peak}, {n} allocation, thread {thread}', '{name}, {stage}, {live} live, peak {peak}, {n} allocations, thread {thread}', card.births, {
    name: variable.name || t ('(no name recorded)'), stage: stageWord (card.stage), live: bytes (card.liveBytes), peak: bytes (card.peakBytes),
    thread: model.threadLabel (card.thread) });
}

export function newCard (model, card, { selected, showThread }) {
  const variable = model.variable (card.variable);
  const [figure, unit] = bytesParts (card.liveBytes);
  const below = showThread ? model.threadLabel (card.thread) : variable.type;

  return h ('button', { class: 'card', type: 'button', 'aria-pressed': String (selected), 'aria-label': cardWords (model, card), 'data-card': card.index, tabindex: -1 },
            h ('span', { class: 'card-line' },
               h ('code', { class: `name card-name${variable.name ? '' : ' dim'}`, title: variable.name.slice (0, 2000) }, variable.name.slice (0, 400) || t ('(no name recorded)')), nameTag (variable)),
            h ('span', { class: 'card-line' },
               h ('code', { class: 'name dim card-type', title: below.slice (0, 2000) }, below.slice (0, 400) || t ('type not recorded')), stageMark (card.stage)),
            h ('span', { class: 'card-figures' },
               h ('b', null, figure, unit ? h ('small', null, `\u00a0${unit}`) : null),
               h ('span', { class: `card-spark stage-${card.stage}` }, sparkline (card.spark))),
            h ('span', { class: 'card-line caption' },
               h ('span', { class: 'dim' }, t ('peak'), '\u00a0', h ('span', { class: 'strong' }, bytes (card.peakBytes))),
               h ('span', { class: 'space' }),
               h ('span', { class: 'dim', title: t ('allocations') }, '×\u00a0', count (card.births))));
}
