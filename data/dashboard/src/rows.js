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
  rows.deathOrder = orderDeaths (rows);

  return rows;
}

// The rows that end, in the order of their deaths.
function orderDeaths (rows) {
  const order = new Uint32Array (rows.n);
  let n = 0;

  for (let i = 0; i < rows.n; i++)
    if (rows.deathEvent[i] !== NEVER)
      order[n++] = i;

  return order.subarray (0, n).sort ((a, b) => rows.deathEvent[a] - rows.deathEvent[b]);
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
