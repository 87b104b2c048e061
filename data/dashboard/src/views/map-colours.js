// SPDX-License-Identifier: GPL-3.0-or-later
// What a block's colour says: at most eight classes, each with a letter or a shape,
// for colour alone must not be what tells them apart.

import { bytes, duration } from '../format.js';
import { t } from '../i18n.js';
import { SELECTED } from './map-data.js';

export const MODES = ['thread', 'age', 'size', 'stage', 'variable', 'type'];
export const OTHERS = 7;      // the rest of many
export const LEFT_OUT = 8;    // not of the selection
const TOP = 7;
const STAGES = ['allocated', 'active', 'shared'];
const SIZES = [64, 1024, 16384, 262144];
const AGES = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 6e10, 6e11, 3.6e12, 3.6e13, 8.64e13, 8.64e14];

export const modeWord = mode => ({ thread: t ('Thread'), age: t ('Age'), size: t ('Size'), stage: t ('Stage'), variable: t ('Variable'), type: t ('Type') })[mode];
export const modeTitle = mode => ({ thread: t ('Threads'), age: t ('Ages'), size: t ('Sizes'), stage: t ('Stages'), variable: t ('Variables'), type: t ('Types') })[mode];

// The letter of a name: its last number if that is one digit ("worker-1"), else its
// first letter or digit that none before it has.
function chooseLetter (name, taken) {
  const bare = name.replace (/ \(\d+\)$/, '');
  const digit = bare.match (/(?:^|\D)(\d)\)?$/)?.[1];
  const candidates = [digit, ...[...bare.toUpperCase ()].filter (letter => /[\p{L}\p{N}]/u.test (letter)), ...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const letter = candidates.find (candidate => candidate && !taken.has (candidate)) ?? '';

  taken.add (letter);

  return letter;
}

// Keys by the bytes of their blocks: [[key, bytes], …] descending.
function sumBy (data, keys) {
  const sums = new Float64Array (keys.reduce ((highest, key) => Math.max (highest, key), 0) + 1).fill (-1);
  const found = [];

  for (let i = 0; i < data.n; i++)
    if (data.flags[i] & SELECTED)
      sums[keys[i]] = Math.max (sums[keys[i]], 0) + data.size[i];
  for (let key = 0; key < sums.length; key++)
    if (sums[key] >= 0)
      found.push ([key, sums[key]]);

  return found.sort ((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function classifyTop (data, keys, labelOf, unnamed, words) {
  const sums = sumBy (data, keys);
  const top = sums.slice (0, sums.length <= TOP + 1 ? TOP + 1 : TOP);
  const numbers = new Map (top.map (([key], k) => [key, k]));
  const taken = new Set ();
  const entries = top.map (([key, sum], k) => {
    const label = labelOf (key) || unnamed;

    return { category: k, label, letter: chooseLetter (label, taken), bytes: sum, colour: `--c${k + 1}`, key };
  });

  if (sums.length > top.length)
    entries.push ({ category: OTHERS, label: words (sums.length - top.length), letter: '', bytes: sums.slice (top.length).reduce ((total, [, sum]) => total + sum, 0), colour: '--c8', key: null });

  const numberOf = new Uint8Array (keys.reduce ((highest, key) => Math.max (highest, key), 0) + 1).fill (OTHERS);

  for (const [key, k] of numbers)
    numberOf[key] = k;

  return { entries, of: i => numberOf[keys[i]] };
}

function classifySteps (data, n, labels, of) {
  const sums = new Array (n).fill (0);

  for (let i = 0; i < data.n; i++)
    if (data.flags[i] & SELECTED)
      sums[of (i)] += data.size[i];

  return { entries: labels.map ((label, k) => ({ category: k, label, letter: '', bytes: sums[k], colour: `--step${k + 1}`, key: k })), of };
}

function classifyAges (data) {
  let oldest = 0;

  for (let i = 0; i < data.n; i++)
    oldest = Math.max (oldest, data.instant - data.birth[i]);

  const above = AGES.findIndex (age => age >= oldest);
  const last = Math.max (above < 0 ? AGES.length : above, 4);
  const edges = AGES.slice (last - 4, last);
  const of = i => {
    const age = data.instant - data.birth[i];

    return age < edges[0] ? 0 : age < edges[1] ? 1 : age < edges[2] ? 2 : age < edges[3] ? 3 : 4;
  };

  return classifySteps (data, 5, [t ('below {limit}', { limit: duration (edges[0]) }), ...[1, 2, 3].map (k => t ('below {limit}', { limit: duration (edges[k]) })), t ('{limit} and more', { limit: duration (edges[3]) })], of);
}

function classifySizes (data) {
  const of = i => {
    const size = data.size[i];

    return size < SIZES[0] ? 0 : size < SIZES[1] ? 1 : size < SIZES[2] ? 2 : size < SIZES[3] ? 3 : 4;
  };

  return classifySteps (data, 5, [...SIZES.map (limit => t ('below {limit}', { limit: bytes (limit) })), t ('{limit} and more', { limit: bytes (SIZES[3]) })], of);
}

function classifyStages (data) {
  const words = { allocated: t ('allocated'), active: t ('active'), shared: t ('shared') };
  const of = i => Math.min (data.stage[i], 2);
  const found = classifySteps (data, 3, STAGES.map (stage => words[stage]), of);

  found.entries.forEach ((entry, k) => {
    entry.colour = `--${STAGES[k]}`;
    entry.stage = STAGES[k];
  });

  return found;
}

// { entries: the legend, categories: Uint8Array by block }
export function classify (data, names, mode) {
  const types = () => {
    const numbers = new Map ();
    const texts = [];
    const keys = new Uint32Array (data.n);
    const byVariable = new Map ();

    for (let i = 0; i < data.n; i++) {
      const variable = data.variable[i];

      if (!byVariable.has (variable)) {
        const { type } = names.variable (variable);

        if (!numbers.has (type)) {
          numbers.set (type, texts.length);
          texts.push (type);
        }
        byVariable.set (variable, numbers.get (type));
      }
      keys[i] = byVariable.get (variable);
    }

    return classifyTop (data, keys, key => texts[key], t ('type not recorded'), more => t ('{n} other types', { n: more }));
  };
  const found = {
    thread: () => classifyTop (data, data.thread, names.thread, t ('thread not recorded'), more => t ('{n} other threads', { n: more })),
    age: () => classifyAges (data),
    size: () => classifySizes (data),
    stage: () => classifyStages (data),
    variable: () => classifyTop (data, data.variable, i => names.variable (i).name, t ('(no name recorded)'), more => t ('{n} other variables', { n: more })),
    type: types,
  }[mode] ();
  const categories = new Uint8Array (data.n);

  for (let i = 0; i < data.n; i++)
    categories[i] = data.flags[i] & SELECTED ? found.of (i) : LEFT_OUT;

  return { mode, entries: found.entries, categories };
}
