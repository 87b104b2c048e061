// SPDX-License-Identifier: GPL-3.0-or-later
// What could be better, each with its evidence, its rule and its threshold.

import { h } from '../dom.js';
import { bytes, count, duration, percent } from '../format.js';
import { n, t } from '../i18n.js';
import { icon } from '../icons.js';
import { NEVER, UNLISTED } from '../rows.js';

// The thresholds of the rules of diagnosis, from the head; each is named in its rule's formula.
let limits = null;

function growth (rows, found) {
  let resizes = 0;
  let copied = 0;
  let moved = 0;

  for (const i of found) {
    const previous = rows.previous[i];

    if (previous === 0)
      continue;
    resizes++;
    if (previous === UNLISTED)
      continue;
    if (rows.addressLow[i] !== rows.addressLow[previous - 1] || rows.addressHigh[i] !== rows.addressHigh[previous - 1]) {
      moved++;
      copied += Math.min (rows.size[previous - 1], rows.size[i]);
    }
  }

  return resizes >= limits.resizes && copied >= limits.copied ? {
    title: t ('Grown by repeated realloc'), advice: t ('Reserve the final size at once, or grow by a factor.'),
    evidence: [[t ('Resizes'), count (resizes)], [t ('of them moved'), count (moved)], [t ('Bytes copied'), bytes (copied)]],
    saving: n ('up to {bytes} of copying and {n} call', 'up to {bytes} of copying and {n} calls', resizes, { bytes: bytes (copied) }),
    rule: t ('resizes ≥ {a} and copied bytes ≥ {b}; copied = Σ min (old size, new size) of the moved', { a: limits.resizes, b: bytes (limits.copied) }),
  } : null;
}

function churn (rows, found, card) {
  const share = card.births > 0 ? card.temporary / card.births : 0;

  return card.temporary >= limits.temporaryCount && share >= limits.temporaryShare ? {
    title: t ('Mostly temporary'), advice: t ('Keep one buffer and use it again, or put small ones on the stack.'),
    evidence: [[t ('Temporary'), count (card.temporary)], [t ('of allocations'), `${percent (share)} %`]],
    saving: n ('{n} call of malloc and free', '{n} calls of malloc and free', card.temporary),
    rule: t ('freed before the thread’s next allocation: ≥ {a} and ≥ {b} % of its allocations', { a: count (limits.temporaryCount), b: percent (limits.temporaryShare) }),
  } : null;
}

function equalSmall (rows, found) {
  const sizes = new Map ();

  for (const i of found)
    if (rows.size[i] <= limits.smallSize)
      sizes.set (rows.size[i], (sizes.get (rows.size[i]) ?? 0) + 1);

  const [size, many] = [...sizes].reduce ((best, entry) => entry[1] > best[1] ? entry : best, [0, 0]);
  const rounding = found.filter (i => rows.size[i] === size && rows.rounding[i] !== 0xffffffff && rows.death[i] === NEVER).reduce ((sum, i) => sum + rows.rounding[i], 0);

  return many >= limits.smallCount && many / found.length >= limits.smallShare ? {
    title: t ('Many equal small blocks'), advice: t ('Take them from a pool, or put them into one array.'),
    evidence: [[t ('Blocks of {size}', { size: bytes (size) }), count (many)], [t ('Share of its blocks'), `${percent (many / found.length)} %`]],
    saving: rounding ? t ('{bytes} of rounding in the live ones, and most calls', { bytes: bytes (rounding) }) : t ('most calls of the allocator'),
    rule: t ('one size ≤ {a}: ≥ {b} blocks and ≥ {c} % of all', { a: bytes (limits.smallSize), b: count (limits.smallCount), c: percent (limits.smallShare) }),
  } : null;
}

function waste (rows, found) {
  let rounding = 0;
  let usable = 0;

  for (const i of found)
    if (rows.death[i] === NEVER && rows.rounding[i] !== 0xffffffff) {
      rounding += rows.rounding[i];
      usable += rows.rounding[i] + rows.size[i];
    }

  return rounding >= limits.wasteBytes && rounding / usable >= limits.waste ? {
    title: t ('Rounding wastes memory'), advice: t ('Ask for sizes the allocator has, or for several elements at once.'),
    evidence: [[t ('Rounding of live blocks'), bytes (rounding)], [t ('of what they use'), `${percent (rounding / usable, 1)} %`]],
    saving: bytes (rounding), rule: t ('usable − requested ≥ {a} and ≥ {b} % of usable', { a: bytes (limits.wasteBytes), b: percent (limits.waste, 1) }),
  } : null;
}

function leaked (rows, found, card, model) {
  const { leaks, session } = model.head;
  const alive = found.filter (i => session.format.startsWith ('memscope-rs') ? (rows.flags[i] & 1) !== 0 : rows.death[i] === NEVER);
  const size = alive.reduce ((sum, i) => sum + rows.size[i], 0);

  if (!leaks.final || alive.length === 0)
    return null;

  const oldest = alive.reduce ((a, b) => rows.birth[a] <= rows.birth[b] ? a : b);

  return {
    title: t ('Never freed'), advice: t ('Free it when its last user is done, or say that it is meant to stay.'),
    evidence: [[t ('Blocks'), count (alive.length)], [t ('Bytes'), bytes (size)], [t ('Age of the oldest'), duration (session.duration - rows.birth[oldest])]],
    saving: bytes (size), rule: session.format.startsWith ('memscope-rs') ? t ('flagged as leaked in the file') : t ('alive at the end of a complete recording of an ended process'),
  };
}

const RULES = [growth, churn, equalSmall, waste, leaked];

export function newAdvice ({ model, found, card, facts }) {
  const { rows } = model;

  limits = model.head.diagnostics.limits;

  const given = RULES.map (rule => rule (rows, found, card, model)).filter (advice => advice);
  const unrecorded = [
    found.every (i => rows.rounding[i] === 0xffffffff) ? t ('rounding: usable sizes were not recorded') : null,
    model.head.session.hasDeaths ? null : t ('temporary blocks: frees were not recorded'),
    model.head.leaks.final ? null : t ('never freed: the recording does not reach the end of the program'),
  ].filter (words => words);

  return [
    given.length ? given.map (advice => h ('section', { class: 'inset advice' },
      h ('h3', null, icon ('hint'), advice.title), h ('p', null, advice.advice), facts (advice.evidence),
      h ('p', null, h ('span', { class: 'dim' }, t ('Saves: ')), h ('b', null, advice.saving)),
      h ('p', { class: 'caption dim' }, t ('Rule: '), advice.rule)))
      : h ('div', { class: 'status-page' }, icon ('check', 24), h ('h3', null, t ('Nothing to improve found')), h ('p', { class: 'dim' }, n ('by {n} rule', 'by {n} rules', RULES.length))),
    unrecorded.length ? h ('section', { class: 'inset' }, h ('h3', null, t ('Not checked')), h ('ul', { class: 'plain' }, unrecorded.map (words => h ('li', { class: 'dim' }, words)))) : null,
    h ('p', { class: 'caption dim' }, t ('Savings are what the blocks in view add up to, not a measurement.')),
  ];
}
