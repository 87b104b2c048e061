// SPDX-License-Identifier: GPL-3.0-or-later
// Tiles to typed arrays: the counterpart of memscope-page-tile.c.

const decoder = new TextDecoder ();

export const NEVER = Infinity;
export const UNLISTED = 0xffffffff;

function narrow (planes, at, n, width, delta) {
  const values = width === 1 ? new Uint8Array (n) : new Uint32Array (n);

  for (let byte = 0; byte < width; byte++)
    for (let i = 0, plane = at + byte * n, shift = 8 * byte; i < n; i++)
      values[i] |= planes[plane + i] << shift;
  if (delta)
    for (let i = 1; i < n; i++)
      values[i] += values[i - 1];

  return values;
}

// 64 bits as two halves.
function wide (planes, at, n, delta) {
  const low = narrow (planes, at, n, 4, false);
  const high = narrow (planes, at + 4 * n, n, 4, false);

  if (delta)
    for (let i = 1; i < n; i++) {
      const sum = low[i] + low[i - 1];

      low[i] = sum;
      high[i] = high[i] + high[i - 1] + (sum > 0xffffffff ? 1 : 0);
    }

  return { low, high };
}

export function decodeTile (bytes) {
  const headLength = new DataView (bytes.buffer, bytes.byteOffset).getUint32 (0, true);
  const head = JSON.parse (decoder.decode (bytes.subarray (4, 4 + headLength)));
  const columns = {};
  let at = 4 + headLength;

  for (const [name, width, delta] of head.columns) {
    columns[name] = width === 8 ? wide (bytes, at, head.rows, delta) : narrow (bytes, at, head.rows, width, delta);
    at += width * head.rows;
  }

  return { n: head.rows, columns };
}

const isNever = (column, i) => column.low[i] === 0xffffffff && column.high[i] === 0xffffffff;
const toNumber = (column, i) => column.high[i] * 4294967296 + column.low[i];
// A death may be stored before its birth: the difference then has its highest bit set.
const toSigned = (column, i) => (column.high[i] | 0) * 4294967296 + column.low[i];

const NARROW = ['rounding', 'thread', 'deathThread', 'stack', 'deathStack', 'variable', 'previous', 'parent'];
const BYTES = ['kind', 'function', 'flags'];
const WIDE = ['size', 'birth', 'death', 'birthEvent', 'deathEvent', 'row'];

function newRows (n) {
  const rows = { n, addressLow: new Uint32Array (n), addressHigh: new Uint32Array (n) };

  for (const name of NARROW)
    rows[name] = new Uint32Array (n);
  for (const name of BYTES)
    rows[name] = new Uint8Array (n);
  for (const name of WIDE)
    rows[name] = new Float64Array (n);

  return rows;
}

function addTile (rows, at, { n, columns }) {
  rows.addressLow.set (columns.address.low, at);
  rows.addressHigh.set (columns.address.high, at);
  for (const name of [...NARROW, ...BYTES])
    rows[name].set (columns[name], at);
  for (let i = 0; i < n; i++) {
    const birth = toNumber (columns.birth, i);
    const birthEvent = toNumber (columns.birthEvent, i);

    rows.size[at + i] = toNumber (columns.size, i);
    rows.birth[at + i] = birth;
    rows.death[at + i] = isNever (columns.death, i) ? NEVER : birth + toSigned (columns.death, i);
    rows.birthEvent[at + i] = birthEvent;
    rows.deathEvent[at + i] = isNever (columns.deathEvent, i) ? NEVER : birthEvent + toSigned (columns.deathEvent, i);
    rows.row[at + i] = toNumber (columns.row, i);
  }
}

// Long work in parts of some milliseconds, with room for the page to answer in
// between: `await part ()` goes on at once while there is time left.
export function newPace (milliseconds = 24) {
  let until = performance.now () + milliseconds;

  return async () => {
    if (performance.now () < until)
      return;
    await breathe ();
    until = performance.now () + milliseconds;
  };
}

const breathe = () => new Promise (resolve => setTimeout (resolve));

// All tiles, one after the other, with room for the page to answer in between.
export async function loadRows (source, n, progress) {
  const rows = newRows (n);
  let at = 0;

  for (let index = 0; index < source.rowTiles; index++) {
    const tile = decodeTile (await source.rows (index));

    addTile (rows, at, tile);
    at += tile.n;
    progress (at / n);
    await breathe ();
  }
  rows.deathOrder = await orderDeaths (rows);

  return rows;
}

const DIGIT = 11;              // bits of a pass
const BUCKETS = 1 << DIGIT;
const PART = 1 << 16;          // rows between two looks at the clock

// The rows that end, in the order of their deaths; those of one event in their own.
// Sorted by digits, the lowest first: numbers of events are whole and dense.
export async function orderDeaths (rows) {
  const { n, deathEvent } = rows;
  const part = newPace ();
  let order = new Uint32Array (n);
  let many = 0;
  let highest = 0;
  let isSorted = true;

  for (let from = 0, last = -1; from < n; from += PART) {
    for (let i = from, to = Math.min (from + PART, n); i < to; i++) {
      const event = deathEvent[i];

      if (event === NEVER)
        continue;
      order[many++] = i;
      isSorted &&= event >= last;
      last = event;
      if (event > highest)
        highest = event;
    }
    await part ();
  }
  order = order.subarray (0, many);
  if (isSorted)
    return order;

  let next = new Uint32Array (many);

  for (let unit = 1; unit <= highest; unit *= BUCKETS) {
    const digit = i => Math.floor (deathEvent[i] / unit) % BUCKETS;
    const places = new Uint32Array (BUCKETS + 1);

    for (let from = 0; from < many; from += PART) {
      for (let k = from, to = Math.min (from + PART, many); k < to; k++)
        places[digit (order[k]) + 1]++;
      await part ();
    }
    for (let b = 0; b < BUCKETS; b++)
      places[b + 1] += places[b];
    for (let from = 0; from < many; from += PART) {
      for (let k = from, to = Math.min (from + PART, many); k < to; k++)
        next[places[digit (order[k])]++] = order[k];
      await part ();
    }
    [order, next] = [next, order];
  }

  return order;
}

export const ORIGINS = ['heap', 'region', 'pool', 'api', 'file'];
export const DEATHS = ['none', 'free', 'realloc', 'unseen', 'parent'];
export const originOf = (rows, i) => rows.kind[i] & 7;
export const deathOf = (rows, i) => (rows.kind[i] >> 3) & 7;
export const FLAG_LEAKED = 1;
export const FLAG_SHARED = 4;
export const FLAG_TEMPORARY = 128;

export async function loadStacks (source) {
  const { columns } = decodeTile (await source.stacks ());

  return columns;
}
