// SPDX-License-Identifier: GPL-3.0-or-later
// Which group a block belongs to: of cards, threads, variables, call sites, types.

import { newPace } from './rows.js';

// A group that the head does not list: only its blocks tell of it.
const UNLISTED_GROUP = { thread: 0, variable: 0, callSite: 0, module: 0, type: 0 };

const PART = 1 << 15;   // rows between two looks at the clock

// A column of what `valueOf` says of each row.
async function newColumn (Type, n, valueOf, part) {
  const column = new Type (n);

  for (let from = 0; from < n; from += PART) {
    for (let i = from, to = Math.min (from + PART, n); i < to; i++)
      column[i] = valueOf (i);
    await part ();
  }

  return column;
}

// The listed groups, then one for each further key of the column, and the group of each row.
async function grouping (listed, keyOf, column, fieldsOf, part) {
  const index = new Map (listed.map (group => [keyOf (group), group.index]));
  const groups = listed.slice ();
  const keys = await newColumn (Int32Array, column.length, i => {
    let at = index.get (column[i]);

    if (at === undefined) {
      at = groups.length;
      index.set (column[i], at);
      groups.push ({ ...UNLISTED_GROUP, ...fieldsOf (i), index: at });
    }

    return at;
  }, part);

  return { groups, keys };
}

// Each grouping with all its groups, listed or not, and which of them a row belongs to.
// `siteOf`: the call site of each row.
export async function newGroupings (model, rows, siteOf) {
  const { head, nVariables } = model;
  const part = newPace ();
  const simple = (listed, field, column) => grouping (listed, group => group[field], column, i => ({ [field]: column[i] }), part);
  const cardKey = (thread, variable) => thread * nVariables + variable;
  const cardKeys = await newColumn (Float64Array, rows.n, i => cardKey (rows.thread[i], rows.variable[i]), part);
  const types = await newColumn (Uint32Array, rows.n, i => head.variables.type[rows.variable[i]], part);

  return {
    cards: await grouping (model.cards, card => cardKey (card.thread, card.variable), cardKeys,
                           i => ({ thread: rows.thread[i], variable: rows.variable[i] }), part),
    threads: await simple (model.threads, 'thread', rows.thread),
    variableGroups: await simple (model.variableGroups, 'variable', rows.variable),
    callSites: await simple (model.callSites, 'callSite', siteOf),
    types: await simple (model.types, 'type', types),
  };
}
