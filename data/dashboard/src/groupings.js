// SPDX-License-Identifier: GPL-3.0-or-later
// Which group a block belongs to: of cards, threads, variables, call sites, types.

// A group that the head does not list: only its blocks tell of it.
const UNLISTED_GROUP = { thread: 0, variable: 0, callSite: 0, module: 0, type: 0 };

// The listed groups, then one for each further key of the column, and the group of each row.
function grouping (listed, keyOf, column, fieldsOf) {
  const index = new Map (listed.map (group => [keyOf (group), group.index]));
  const groups = listed.slice ();
  const keys = new Int32Array (column.length);

  for (let i = 0; i < column.length; i++) {
    let at = index.get (column[i]);

    if (at === undefined) {
      at = groups.length;
      index.set (column[i], at);
      groups.push ({ ...UNLISTED_GROUP, ...fieldsOf (i), index: at });
    }
    keys[i] = at;
  }

  return { groups, keys };
}

// Each grouping with all its groups, listed or not, and which of them a row belongs to.
export function newGroupings (model) {
  const { rows, head, nVariables } = model;
  const simple = (listed, field, column) => grouping (listed, group => group[field], column, i => ({ [field]: column[i] }));
  const cardKey = (thread, variable) => thread * nVariables + variable;

  return {
    cards: grouping (model.cards, card => cardKey (card.thread, card.variable),
                     Float64Array.from (rows.thread, (thread, i) => cardKey (thread, rows.variable[i])),
                     i => ({ thread: rows.thread[i], variable: rows.variable[i] })),
    threads: simple (model.threads, 'thread', rows.thread),
    variableGroups: simple (model.variableGroups, 'variable', rows.variable),
    callSites: simple (model.callSites, 'callSite', model.siteOf),
    types: simple (model.types, 'type', rows.variable.map (variable => head.variables.type[variable])),
  };
}
