// SPDX-License-Identifier: GPL-3.0-or-later
// What the map draws (see map.js), from the bytes of memscope-map-blob.h.

import { SOURCES } from '../model.js';

const MAGIC = 0x504d534d;
const TYPES = { u64: Uint32Array, f64: Float64Array, u32: Uint32Array, u8: Uint8Array };
const WIDTHS = { u64: 2, f64: 1, u32: 1, u8: 1 };

export const SELECTED = 1;
export const INHERITED = 2;
export const OVERLAPS = 4;
export const UNKNOWN_ROUNDING = 0xffffffff;
export const MIN_HOLE = 32;

export const fromHex = text => BigInt (`0x${text}`);
export const lowOf = big => Number (big & 0xffffffffn);
export const highOf = big => Number (big >> 32n);
export const bigOf = (low, high) => BigInt (high) << 32n | BigInt (low);
export const hex = big => `0x${big.toString (16)}`;

function readColumn (buffer, base, n, [name, type, offset]) {
  const Type = TYPES[type];

  if (!Type)
    throw new Error (`column ${name}: type ${type}`);

  return new Type (buffer, base + offset, n * WIDTHS[type]);
}

// Every other word of a column of 64 bits.
function halves (words) {
  const n = words.length / 2;
  const low = new Uint32Array (n);
  const high = new Uint32Array (n);

  for (let i = 0; i < n; i++) {
    low[i] = words[2 * i];
    high[i] = words[2 * i + 1];
  }

  return { low, high };
}

// Region and area: addresses as they are, and as halves and lengths for quick sums.
export function placed (thing) {
  const start = typeof thing.start === 'bigint' ? thing.start : fromHex (thing.start);
  const end = typeof thing.end === 'bigint' ? thing.end : fromHex (thing.end);

  return { ...thing, start, end, low: lowOf (start), high: highOf (start), length: Number (end - start) };
}

// { data, names } for mountMap ().
export function openMapBlob (buffer) {
  const view = new DataView (buffer);
  const length = view.getUint32 (0, true);

  if (view.getUint32 (4, true) !== MAGIC)
    throw new Error ('not a map');

  const head = JSON.parse (new TextDecoder ().decode (new Uint8Array (buffer, 8, length)));
  const columns = {};

  for (const column of head.columns)
    columns[column[0]] = readColumn (buffer, 8 + length, head.blocks, column);

  const address = halves (columns.address);
  const size = halves (columns.size);
  const { threads, variables, sites } = head;

  return {
    data: {
      n: head.blocks, low: address.low, high: address.high,
      size: Float64Array.from (size.low, (low, i) => size.high[i] * 4294967296 + low),
      birth: columns.birth, death: columns.death, row: columns.row, rounding: columns.rounding, thread: columns.thread,
      deathThread: columns.deathThread, variable: columns.variable, site: columns.site, stack: columns.stack, region: columns.region,
      stage: columns.stage, origin: columns.origin, flags: columns.flags,
      regions: head.regions.map (placed), areas: head.areas.map (placed),
      hotPages: head.hotPages?.map (page => ({ ...page, address: fromHex (page.address) })) ?? null,
      instant: head.instant, begin: head.begin, end: head.end, pageSize: head.pageSize, sampled: head.sampled, hasDeaths: head.hasDeaths,
      mappingsTime: head.mappingsTime, selected: head.selected, liveBytes: head.liveBytes, overlapping: head.overlapping,
    },
    names: {
      thread: id => threads[id] ?? '',
      variable: i => ({ name: variables.name[i] ?? '', source: SOURCES[variables.source[i]] ?? null, type: variables.type[i] ?? '' }),
      site: i => [sites.function[i] ?? '', sites.place[i] ?? ''],
    },
  };
}

// Bytes that block i takes up.
export const usedBytes = (data, i) => data.size[i] + (data.rounding[i] === UNKNOWN_ROUNDING ? 0 : data.rounding[i]);
// How far block i is behind the address (low, high).
export const behind = (data, i, low, high) => (data.high[i] - high) * 4294967296 + (data.low[i] - low);
export const addressOf = (data, i) => bigOf (data.low[i], data.high[i]);

// The block of a row, or −1.
export function findRow (data, row) {
  return row === null || row === undefined ? -1 : data.row.indexOf (row);
}
