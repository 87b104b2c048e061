// SPDX-License-Identifier: GPL-3.0-or-later
// Which code allocated a block, which boundaries its stack crosses, who freed it.
// Observed or reported facts only; what is concluded from them says from what.

import { h } from '../dom.js';
import { bytes, count, moment, percent } from '../format.js';
import { n, t } from '../i18n.js';
import { icon } from '../icons.js';
import { walkStack } from '../model.js';
import { NEVER, deathOf } from '../rows.js';
import { meter } from './charts.js';
import { newStack } from './stack.js';

// Stacks that go back and forth between modules: the innermost say enough.
const MAX_CROSSINGS = 6;
const FFI_OUT = 9;
const FFI_IN = 10;

// The side a stack belongs to: module and language of its call site.
function sideOf (model, stack) {
  const site = stack ? model.stacks.site[stack] || model.stacks.frame[stack] : 0;

  if (!site)
    return null;

  const frame = model.frame (site);

  return { frame, module: frame.isText ? '' : frame.moduleName, language: frame.language, words: model.frameWords (site).filter (words => words).join (' · ') };
}

const sideWords = side => !side ? t ('not recorded')
  : side.language && side.module ? t ('{language} code in {module}', { language: side.language, module: side.module })
    : side.module ? side.module : side.language ? t ('{language} code', { language: side.language }) : t ('module not recorded');

const sideKey = side => side ? `${side.language ?? '?'} ${side.module}` : '';

// Changes of module or language from the call site outwards.
function crossingsOf (model, stack) {
  const frames = walkStack (model, stack).filter (frame => frame && !frame.isText);
  const site = model.stacks.site[stack];
  const from = Math.max (frames.findIndex (frame => frame.index === site), 0);
  const crossings = [];

  for (let i = from; i + 1 < frames.length; i++) {
    const callee = frames[i];
    const caller = frames[i + 1];
    const byModule = callee.module !== caller.module && callee.module !== 0 && caller.module !== 0;
    const byLanguage = callee.language && caller.language && callee.language !== caller.language;

    if (byModule || byLanguage)
      crossings.push ({ caller, callee, byModule, byLanguage });
  }

  return crossings;
}

function seal (language) {
  return h ('span', { class: `seal${language ? ` seal-${language.replace (/\W/g, 'x').toLowerCase ()}` : ''}`, 'aria-hidden': 'true' }, language ?? '?');
}

function stamp ({ language, title, module, time, thread, words, evidence, grade }) {
  return h ('li', { class: `stamp grade-${grade}` }, seal (language),
            h ('div', { class: 'stamp-card' },
               h ('div', { class: 'card-line' }, h ('span', null, h ('b', null, title), module ? [' ', h ('b', { class: 'name' }, module)] : null), h ('span', { class: 'space' }), h ('code', { class: 'dim caption' }, time)),
               words ? h ('code', { class: 'name stamp-words' }, words) : null,
               h ('div', { class: 'caption dim' }, evidence, thread ? ` · ${thread}` : ''),
               h ('span', { class: 'tag' }, { observed: t ('observed'), reported: t ('reported'), inferred: t ('inferred') }[grade])));
}

function languageEvidence (side) {
  return side.language ? t ('language from debug information or the symbol’s mangling') : side.frame.isText ? t ('only the text of the stack is recorded: no module, no language')
    : t ('no language recorded: module from its mapping');
}

function stampsOf ({ model, block }) {
  const { rows } = model;
  const born = sideOf (model, rows.stack[block]);
  const died = rows.death[block] === NEVER ? null : sideOf (model, rows.deathStack[block]);
  const stamps = [];

  stamps.push ({ language: born?.language, title: t ('Allocated'), module: born?.module ? t ('in {module}', { module: born.module }) : '', time: moment (rows.birth[block], 6),
                 thread: `${model.threadLabel (rows.thread[block])} · ${bytes (rows.size[block])}`, words: born?.words,
                 evidence: born ? languageEvidence (born) : t ('the allocation’s stack was not recorded'), grade: 'observed' });
  for (const { caller, callee, byModule, byLanguage } of born ? crossingsOf (model, rows.stack[block]).slice (0, MAX_CROSSINGS) : [])
    stamps.push ({ language: caller.language, title: t ('Called from'), module: caller.moduleName, time: '',
                   words: model.frameWords (caller.index).filter (words => words).join (' · '), grade: 'inferred',
                   evidence: byLanguage ? t ('language changes between frames: {from} → {to}', { from: caller.language, to: callee.language })
                     : byModule ? t ('module changes between frames: {from} → {to}', { from: caller.moduleName, to: callee.moduleName }) : '' });
  for (const [row, kind, time, thread, stack, name] of model.head.annotations)
    if (row - 1 === block && (kind === FFI_OUT || kind === FFI_IN)) {
      const side = sideOf (model, stack);

      stamps.push ({ language: side?.language, title: kind === FFI_OUT ? t ('Handed over to') : t ('Taken back from'), module: model.text (name) || t ('not named'), time: moment (time, 6),
                     thread: model.threadLabel (thread), words: side?.words, evidence: t ('reported through the API'), grade: 'reported' });
    }
  if (rows.death[block] === NEVER)
    stamps.push ({ language: null, title: t ('Alive at the end'), time: '', evidence: model.head.session.hasDeaths ? t ('not freed in this recording') : t ('frees were not recorded'), grade: 'observed' });
  else
    stamps.push ({ language: died?.language, title: deathOf (rows, block) === 2 ? t ('Reallocated') : t ('Freed'), module: died?.module ? t ('by {module}', { module: died.module }) : '', time: moment (rows.death[block], 6),
                   thread: rows.deathThread[block] ? model.threadLabel (rows.deathThread[block]) : '', words: died?.words,
                   evidence: died ? languageEvidence (died) : t ('the stack of the free was not recorded'), grade: 'observed' });

  return { born, died, stamps };
}

function verdict ({ born, died, stamps }, alive) {
  const crossed = stamps.some (({ grade }) => grade !== 'observed');

  if (!born)
    return { tone: 'note', words: t ('No stack is recorded, so nothing can be said about boundaries') };
  if (!born.module && !born.language)
    return { tone: 'note', words: t ('Neither module nor language is recorded: boundaries can’t be told') };
  if (alive)
    return { tone: 'note', words: t ('Allocated by {side}, not freed', { side: sideWords (born) }) };
  if (!died)
    return { tone: 'note', words: t ('Allocated by {side}; who freed it is not recorded', { side: sideWords (born) }) };
  if (sideKey (born) !== sideKey (died))
    return { tone: 'warn', words: t ('Allocated by {born}, freed by {died}', { born: sideWords (born), died: sideWords (died) }) };

  return crossed ? { tone: 'ok', words: t ('Allocated and freed by {side}', { side: sideWords (born) }) } : { tone: 'ok', words: t ('Stayed inside {side}', { side: sideWords (born) }) };
}

// All blocks of the variable by where they came from and went.
function pathsOf ({ model, found }) {
  const { rows } = model;
  const pairs = new Map ();
  const paths = new Map ();

  // By the two stacks first: there are far fewer pairs of them than blocks.
  for (const i of found) {
    const pair = rows.stack[i] * 2 ** 26 + (rows.death[i] === NEVER ? 2 ** 26 - 1 : rows.deathStack[i]);
    const known = pairs.get (pair);

    if (known)
      known.n++;
    else
      pairs.set (pair, { row: i, n: 1 });
  }
  for (const { row, n: many } of pairs.values ()) {
    const born = sideOf (model, rows.stack[row]);
    const died = rows.death[row] === NEVER ? null : sideOf (model, rows.deathStack[row]);
    const words = `${sideWords (born)} → ${rows.death[row] === NEVER ? t ('alive at the end') : died ? t ('freed by {side}', { side: sideWords (died) }) : t ('freed, by whom is not recorded')}`;

    paths.set (words, (paths.get (words) ?? 0) + many);
  }

  return [...paths].sort ((a, b) => b[1] - a[1]).slice (0, 8);
}

export function newPassport (context, pager) {
  const { model, found, block } = context;

  if (block === null)
    return pager;

  const { rows } = model;
  const story = stampsOf (context);
  const { tone, words } = verdict (story, rows.death[block] === NEVER);

  return [
    h ('p', { class: `verdict verdict-${tone}` }, icon (tone === 'warn' ? 'warning' : tone === 'ok' ? 'check' : 'info'), words),
    pager,
    h ('ol', { class: 'stamps' }, story.stamps.map (stamp)),
    h ('section', { class: 'inset' }, h ('h3', null, n ('Its one block', 'All {n} blocks', found.length)),
       h ('ul', { class: 'top-list' }, pathsOf (context).map (([path, many]) => h ('li', null, h ('div', { class: 'top-item' },
         h ('span', { class: 'top-words name' }, path), h ('span', { class: 'num' }, h ('b', null, count (many)), ' ', h ('span', { class: 'dim' }, `${percent (many / found.length)} %`)), meter (many / found.length, 'var(--c1)')))))),
    h ('section', { class: 'inset' }, newStack (model, rows.stack[block], t ('Allocation stack'))),
    rows.death[block] === NEVER ? null : h ('section', { class: 'inset' }, newStack (model, rows.deathStack[block], t ('Stack of the free'))),
    h ('p', { class: 'caption dim' }, t ('A boundary is a change of module or of language between two frames. Solid: observed or reported. Dashed: inferred from the stack.')),
  ];
}
