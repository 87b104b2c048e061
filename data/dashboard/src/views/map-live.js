// SPDX-License-Identifier: GPL-3.0-or-later
// What is alive at an instant, as the map draws it (see map.js), from the rows of an
// exported page: the counterpart of memscope-address-map.c and memscope-hot-pages.c.

import { findHolders, isShared, judgeStage } from '../fold.js';
import { originOf } from '../rows.js';
import { INHERITED, OVERLAPS, SELECTED, bigOf } from './map-data.js';
import { findRegions, readMappings } from './map-regions.js';

const FLAG_INHERITED = 2;
const USUAL_PAGE = 4096;
const STAGE_NUMBERS = { allocated: 0, active: 1, shared: 2, freed: 3 };

// By 16 bits of an address, keeping the order of equal ones.
function sortBy (order, words, shift) {
  const counts = new Uint32Array (65537);
  const sorted = new Uint32Array (order.length);

  for (let k = 0; k < order.length; k++)
    counts[(words[order[k]] >>> shift & 0xffff) + 1]++;
  if (order.length > 0 && counts[(words[order[0]] >>> shift & 0xffff) + 1] === order.length)
    return order;
  for (let b = 0; b < 65536; b++)
    counts[b + 1] += counts[b];
  for (let k = 0; k < order.length; k++)
    sorted[counts[words[order[k]] >>> shift & 0xffff]++] = order[k];

  return sorted;
}

// The rows by address, then row: once for a page; the live ones of any instant are
// a part of them in this order.
function orderByAddress (rows) {
  let order = new Uint32Array (rows.n);

  for (let i = 0; i < rows.n; i++)
    order[i] = i;
  order = sortBy (order, rows.addressLow, 0);
  order = sortBy (order, rows.addressLow, 16);
  order = sortBy (order, rows.addressHigh, 0);

  return sortBy (order, rows.addressHigh, 16);
}

function pageSize (head) {
  const size = Number (head.session.facts.page_size);

  return Number.isInteger (size) && size >= 512 && size <= 1048576 && (size & (size - 1)) === 0 ? size : USUAL_PAGE;
}

// A nested block is in its parent, whose origin is looked at too.
function isNested (rows, i, origins) {
  const parent = rows.parent[i];

  return parent !== 0 && parent <= rows.n && (origins >> originOf (rows, parent - 1) & 1) === 1;
}

// The columns that are looked at, by the rows' addresses: what is alive at an instant is
// then found in one pass over memory that lies in that order, which is most of the time it takes.
function layOut (model) {
  const { rows, head, siteOf } = model;
  const { origins } = head.selection;
  const order = orderByAddress (rows).filter (i => (origins >> originOf (rows, i) & 1) === 1 && (rows.parent[i] === 0 || !isNested (rows, i, origins)));
  const take = (from, Type) => {
    const to = new Type (order.length);

    for (let k = 0; k < order.length; k++)
      to[k] = from[order[k]];

    return to;
  };

  return {
    order, low: take (rows.addressLow, Uint32Array), high: take (rows.addressHigh, Uint32Array), site: take (siteOf, Uint32Array),
    rounding: take (rows.rounding, Uint32Array), thread: take (rows.thread, Uint32Array), deathThread: take (rows.deathThread, Uint32Array),
    variable: take (rows.variable, Uint32Array), stack: take (rows.stack, Uint32Array), size: take (rows.size, Float64Array),
    birth: take (rows.birth, Float64Array), death: take (rows.death, Float64Array),
    origin: Uint8Array.from (order, i => originOf (rows, i)),
    inherited: Uint8Array.from (order, i => rows.flags[i] & FLAG_INHERITED),
    // By more than what the program reports at some time.
    shared: Uint8Array.from (order, i => isShared (rows, i, undefined) ? 1 : 0),
  };
}

const COLUMNS = ['low', 'high', 'site', 'rounding', 'thread', 'deathThread', 'variable', 'stack', 'size', 'birth', 'death', 'origin'];

// `selects (row)` says what passes the filters. Rows here are those of the page.
export function liveMap (model, { instant, begin, end, selects = null }) {
  const { head } = model;

  model.byAddress ??= layOut (model);
  model.mappings ??= readMappings (head.mappings, model.text) ?? { snapshots: [], guess: false };

  const all = model.byAddress;
  const alive = new Uint32Array (all.order.length);
  let n = 0;

  for (let k = 0; k < alive.length; k++)
    if (all.birth[k] < instant && all.death[k] >= instant)
      alive[n++] = k;

  const data = {
    n, row: new Float64Array (n), region: new Uint32Array (n), stage: new Uint8Array (n), flags: new Uint8Array (n), hotPages: null,
    instant, begin, end, pageSize: pageSize (head), sampled: head.session.samplingInterval > 0, hasDeaths: head.session.hasDeaths,
    selected: 0, liveBytes: 0, overlapping: 0,
  };

  for (const name of COLUMNS)
    data[name] = gather (all[name], alive, n);

  const holders = findHolders (head.annotations, instant);
  const told = holders.size > 0;

  for (let k = 0; k < n; k++) {
    const at = alive[k];
    const row = all.order[at];
    const holder = told ? holders.get (row) : undefined;
    const shared = all.shared[at] === 1 || (holder !== undefined && (holder.cloned || holder.borrows > 0));
    const birth = data.birth[k];

    data.row[k] = row;
    data.stage[k] = STAGE_NUMBERS[judgeStage (1, shared, birth, holder ? Math.max (birth, holder.lastTime) : birth, instant)];
    if (all.inherited[at])
      data.flags[k] = INHERITED;
    else if (selects === null || selects (row)) {
      data.flags[k] = SELECTED;
      data.selected++;
      data.liveBytes += data.size[k];
    }
  }

  markOverlaps (data);
  findRegions (data, model.mappings, model.mappings.guess, model.threadLabel);

  return data;
}

function gather (from, places, n) {
  const to = new from.constructor (n);

  for (let k = 0; k < n; k++)
    to[k] = from[places[k]];

  return to;
}

function markOverlaps (data) {
  let last = -1;
  let reach = 0;   // behind the beginning of block `last`

  for (let i = 0; i < data.n; i++) {
    const offset = last < 0 ? 0 : (data.high[i] - data.high[last]) * 4294967296 + (data.low[i] - data.low[last]);

    if (last >= 0 && offset < reach) {
      data.flags[i] |= OVERLAPS;
      data.overlapping++;
    }
    if (last < 0 || offset + data.size[i] >= reach) {
      last = i;
      reach = data.size[i];
    }
  }
}

// The pages where most blocks were born in [begin, end).
export function hotPages (model, { begin, end, selects = null, most = 32 }) {
  const { rows, head } = model;
  const { origins } = head.selection;
  const size = pageSize (head);
  const pages = new Map ();

  for (let i = 0; i < rows.n; i++) {
    if (rows.birth[i] < begin || rows.birth[i] >= end || rows.flags[i] & FLAG_INHERITED || !(origins >> originOf (rows, i) & 1) ||
        isNested (rows, i, origins) || (selects !== null && !selects (i)))
      continue;

    // Exact where addresses are those of a process; else near enough to be told apart.
    const key = rows.addressHigh[i] * (4294967296 / size) + Math.floor (rows.addressLow[i] / size);
    const page = pages.get (key);

    if (page) {
      page.births++;
      page.bytes += rows.size[i];
      page.row = i;
    } else {
      pages.set (key, { address: bigOf ((rows.addressLow[i] - rows.addressLow[i] % size) >>> 0, rows.addressHigh[i]), births: 1, bytes: rows.size[i], row: i });
    }
  }

  return [...pages.values ()].sort ((a, b) => b.births - a.births || b.bytes - a.bytes || (a.address < b.address ? -1 : 1)).slice (0, most);
}
