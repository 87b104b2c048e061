// SPDX-License-Identifier: GPL-3.0-or-later
// The head of the page as objects, and names for people.

import { newGroupings } from './groupings.js';
import { t } from './i18n.js';

export const STAGES = ['allocated', 'active', 'shared', 'freed'];
export const CATEGORIES = ['none', 'cpu', 'io', 'memory', 'async', 'mixed'];
export const SOURCES = ['api', 'file', 'dwarf', 'source', 'site'];
export const LANGUAGES = [null, 'C', 'C++', 'Rust', 'other'];
export const SPARK_BUCKETS = 32;
const FRAME_TEXT = 0x80000000;

const GROUP_FIGURES = ['rows', 'births', 'bornBytes', 'deaths', 'deadBytes', 'temporary', 'liveBlocks', 'liveBytes',
                       'peakBytes', 'peakTime', 'firstTime', 'lastTime', 'largest', 'sharedBlocks'];
const GROUP_KEYS = ['thread', 'variable', 'callSite', 'module', 'type'];

// Sparks are read when they are looked at: there may be very many.
class Group {
  constructor (columns, i) {
    this.index = i;
    this.stage = STAGES[columns.stage[i]];
    for (const key of GROUP_KEYS)
      this[key] = columns[key][i];
    for (const figure of GROUP_FIGURES)
      this[figure] = columns[figure][i];
    this.columns = columns;
  }

  get spark () {
    const spark = new Uint8Array (SPARK_BUCKETS);
    const at = this.index * SPARK_BUCKETS * 2;

    for (let b = 0; b < SPARK_BUCKETS; b++)
      spark[b] = parseInt (this.columns.spark.substr (at + 2 * b, 2), 16);

    return spark;
  }
}

const readGroups = columns => columns.thread.map ((_, i) => new Group (columns, i));

export function newModel (head) {
  const { strings, variables, frames, symbols, modules, threadTable } = head;
  const firstSymbol = new Uint32Array (frames.symbols.length + 1);

  for (let i = 0; i < frames.symbols.length; i++)
    firstSymbol[i + 1] = firstSymbol[i] + frames.symbols[i];

  const text = i => i ? strings[i] : '';
  const moduleName = id => text (modules[id]).replace (/^.*\//, '');
  const frameCache = new Map ();
  const variableCache = new Map ();

  function frame (i) {
    if (!frameCache.has (i)) {
      const found = [];

      for (let s = firstSymbol[i]; s < firstSymbol[i + 1]; s++)
        found.push ({ function: text (symbols.function[s]), file: text (symbols.file[s]),
                      line: symbols.line[s], language: LANGUAGES[symbols.language[s]] ?? null });
      frameCache.set (i, { index: i, module: frames.module[i], moduleName: moduleName (frames.module[i]),
                           modulePath: text (modules[frames.module[i]]), offset: frames.offset[i],
                           isText: (frames.flags[i] & FRAME_TEXT) !== 0, symbols: found,
                           language: found.length ? found[found.length - 1].language : null });
    }

    return frameCache.get (i);
  }

  function place (symbol) {
    return symbol.file ? `${symbol.file.replace (/^.*\//, '')}${symbol.line ? `:${symbol.line}` : ''}` : '';
  }

  function where (f) {
    return f.isText ? '' : f.module ? `${f.moduleName}+0x${f.offset.toString (16)}` : `0x${f.offset.toString (16)}`;
  }

  // [name, place]: what a call site is called in lists.
  function frameWords (i) {
    if (!i)
      return [t ('not recorded'), ''];

    const f = frame (i);
    const [symbol] = f.symbols;

    if (!symbol || !symbol.function)
      return [where (f) || t ('not recorded'), ''];

    return [symbol.function, place (symbol) || where (f)];
  }

  function variable (i) {
    if (!variableCache.has (i)) {
      const source = SOURCES[variables.source[i]];
      const site = variables.site[i];
      let name = text (variables.name[i]);

      if (i && !name && site) {
        const f = frame (site);
        const [symbol] = f.symbols;

        name = symbol?.function ? `${symbol.function}${symbol.line ? `:${symbol.line}` : ''}` : where (f);
      }
      variableCache.set (i, { index: i, source: i ? source : null, name, type: text (variables.type[i]),
                              scope: text (variables.scope[i]), site });
    }

    return variableCache.get (i);
  }

  return {
    head,
    frame,
    frameWords,
    place,
    where,
    text,
    variable,
    variableName: i => variable (i).name || t ('(no name recorded)'),
    nVariables: variables.name.length,
    moduleName,
    modulePath: id => text (modules[id]),
    threadLabel: id => (id && threadTable.label[id]) || t ('not recorded'),
    category: id => CATEGORIES[threadTable.category[id] ?? 0],
    cards: readGroups (head.cards),
    threads: readGroups (head.threads),
    variableGroups: readGroups (head.variableGroups),
    callSites: readGroups (head.callSites),
    types: readGroups (head.types),
    // A range within the page can be answered when nothing is missing from it.
    complete: head.contents.rows === head.contents.selected && head.session.samplingInterval === 0,
    rows: null,
    stacks: null,
    groupings: null,
    cardOf: null,
  };
}

// What the rows belong to, once they are there. The model has all of it, or nothing yet.
export async function attachRows (model, rows, stacks) {
  const siteOf = new Uint32Array (rows.n);

  for (let i = 0; i < rows.n; i++)
    siteOf[i] = stacks.site[rows.stack[i]];

  const groupings = await newGroupings (model, rows, siteOf);

  Object.assign (model, { rows, stacks, siteOf, groupings, cardOf: groupings.cards.keys });
}

// The rows of a card, in order of birth.
export function rowsOf (model, card) {
  const found = [];

  for (let i = 0; i < model.rows.n; i++)
    if (model.cardOf[i] === card.index)
      found.push (i);

  return found;
}

// Frames of a stack, innermost first; null at the end: the rest was not recorded.
export function walkStack (model, stack) {
  const found = [];

  while (stack && found.length < 4096) {
    const frame = model.stacks.frame[stack];

    found.push (frame ? model.frame (frame) : null);
    stack = model.stacks.parent[stack];
  }

  return found;
}
