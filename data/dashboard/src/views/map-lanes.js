// SPDX-License-Identifier: GPL-3.0-or-later
// Lanes: which blocks stand in a line, and how far along it each of them is.
//
// A lane has a length in bytes and *segments*, parts of the address space that
// follow one another in it with the gaps between them left out. Positions are bytes
// from the lane's beginning. Blocks are numbered within their lane from 0, ascending
// by position; `block (k)` is the number in the data.

import { bytes } from '../format.js';
import { n, t } from '../i18n.js';
import { behind, bigOf, usedBytes } from './map-data.js';

export const CHUNK = 16;
export const N_CATEGORIES = 9;

class Lane {
  constructor (data, { key, kind, label, note, recorded, regions, index, first, count, hatched, thread, segments, base }) {
    Object.assign (this, { data, key, kind, label, note, recorded, regions, index, first, n: count, hatched, thread, segments });
    this.length = segments.length ? segments[segments.length - 1].at + segments[segments.length - 1].length : 0;
    this.place (base);
  }

  block (k) {
    return this.index ? this.index[k] : this.first + k;
  }

  // Where blocks begin; how far any before or at them reaches; bytes covered before them.
  place (base) {
    const { data } = this;
    const position = new Float64Array (this.n);
    const reach = new Float64Array (this.n);
    const covered = new Float64Array (this.n + 1);
    let furthest = 0;
    let number = -1;   // of the region that the last block was in
    let region = null;
    let from = 0;

    for (let k = 0; k < this.n; k++) {
      const i = this.block (k);

      if (data.region[i] !== number) {
        number = data.region[i];
        region = data.regions[number];
        from = base.get (number);
      }

      const at = from + behind (data, i, region.low, region.high);
      const end = at + usedBytes (data, i);

      position[k] = at;
      covered[k + 1] = covered[k] + Math.max (end - Math.max (at, furthest), 0);
      furthest = Math.max (furthest, end);
      reach[k] = furthest;
    }
    this.position = position;
    this.reach = reach;
    this.covered = covered;
  }

  end (k) {
    return this.position[k] + usedBytes (this.data, this.block (k));
  }

  // Blocks that begin before a position.
  before (position) {
    let low = 0;
    let high = this.n;

    while (low < high) {
      const middle = (low + high) >> 1;

      if (this.position[middle] < position)
        low = middle + 1;
      else
        high = middle;
    }

    return low;
  }

  // The first block that reaches behind a position.
  firstReaching (position) {
    let low = 0;
    let high = this.n;

    while (low < high) {
      const middle = (low + high) >> 1;

      if (this.reach[middle] <= position)
        low = middle + 1;
      else
        high = middle;
    }

    return low;
  }

  // Bytes before a position that lie in a block.
  coveredBefore (position) {
    const k = this.before (position);

    if (k === 0)
      return 0;

    // What the last block that begins before it still adds behind the position is too much.
    return this.covered[k] - Math.max (this.reach[k - 1] - position, 0);
  }

  // The block at a position; −1: none. Of several, the one that begins last.
  at (position) {
    for (let k = this.before (position + 1e-9) - 1, tries = 0; k >= 0 && tries < 4096; k--, tries++) {
      const i = this.block (k);

      if (position < this.position[k] + Math.max (usedBytes (this.data, i), 1))
        return k;
      if (this.reach[k] <= position && this.data.size[i] > 0)
        return -1;
    }

    return -1;
  }

  // The largest block between two positions; −1: none.
  largestBetween (from, to) {
    let best = -1;
    let most = -1;

    for (let k = this.firstReaching (from), tries = 0; k < this.n && this.position[k] < to && tries < 65536; k++, tries++) {
      const size = usedBytes (this.data, this.block (k));

      if (size > most && this.position[k] + size > from) {
        most = size;
        best = k;
      }
    }

    return best;
  }

  segmentAt (position) {
    let low = 0;
    let high = this.segments.length;

    while (low < high) {
      const middle = (low + high) >> 1;

      if (this.segments[middle].at <= position)
        low = middle + 1;
      else
        high = middle;
    }

    return this.segments[Math.max (low - 1, 0)];
  }

  // A position as an address.
  address (position) {
    const segment = this.segmentAt (position);
    const offset = Math.floor (Math.min (Math.max (position - segment.at, 0), segment.length));

    return segment.start + BigInt (Number.isSafeInteger (offset) ? offset : Math.round (offset));
  }

  // An address as a position; null: not in this lane.
  positionOf (address) {
    const segment = this.segments.find (part => address >= part.start && address < part.start + BigInt (Math.ceil (part.length)));

    return segment ? segment.at + Number (address - segment.start) : null;
  }

  // Which number of the lane block i has; −1: another lane's.
  numberOf (i) {
    if (!this.index)
      return i >= this.first && i < this.first + this.n ? i - this.first : -1;

    let low = 0;
    let high = this.n;

    while (low < high) {
      const middle = (low + high) >> 1;

      if (this.index[middle] < i)
        low = middle + 1;
      else
        high = middle;
    }

    return this.index[low] === i ? low : -1;
  }

  // Sums of bytes by category for runs of CHUNK blocks, for pixels that hold many.
  sumCategories (categories) {
    const chunks = Math.floor (this.n / CHUNK);
    const sums = new Float32Array (chunks * N_CATEGORIES);

    for (let c = 0, k = 0; c < chunks; c++)
      for (let stop = k + CHUNK; k < stop; k++) {
        const i = this.block (k);

        sums[c * N_CATEGORIES + categories[i]] += usedBytes (this.data, i);
      }
    this.sums = sums;
  }
}

const segmentOf = (region, at) => ({ start: region.start, length: region.length, at, region });

function regionLanes (data) {
  const lanes = [];
  const joined = data.regions.filter (region => region.kind === 'mmap').length > 1;
  let large = null;

  data.regions.forEach ((region, r) => {
    if (region.kind === 'mmap' && joined) {
      large ??= { regions: [], at: lanes.length };
      if (large.regions.length === 0)
        lanes.push (null);
      large.regions.push (r);
      return;
    }
    lanes.push (new Lane (data, { key: `region ${region.start.toString (16)}`, kind: region.kind, label: regionLabel (region), recorded: region.recorded,
                                  note: null, regions: [region], first: region.first, count: region.blocks, hatched: true,
                                  thread: region.thread, segments: [segmentOf (region, 0)], base: new Map ([[r, 0]]) }));
  });

  if (large)
    lanes[large.at] = joinRegions (data, large.regions);

  return lanes;
}

// Large blocks have mappings of their own, here and there: one lane.
function joinRegions (data, numbers) {
  const base = new Map ();
  const segments = [];
  const regions = numbers.map (r => data.regions[r]);
  const index = new Uint32Array (regions.reduce ((sum, region) => sum + region.blocks, 0));
  let at = 0;
  let count = 0;

  numbers.forEach (r => {
    const region = data.regions[r];

    base.set (r, at);
    segments.push (segmentOf (region, at));
    at += region.length;
    for (let i = region.first; i < region.first + region.blocks; i++)
      index[count++] = i;
  });

  return new Lane (data, { key: 'large', kind: 'mmap', label: t ('Large blocks'), recorded: regions.every (region => region.recorded), regions, index, count,
                           note: n ('{n} mapping', '{n} mappings', regions.length), hatched: true, thread: 0, segments, base });
}

// Each thread's blocks in the whole of all regions, the gaps between these left out.
function threadLanes (data, names) {
  const base = new Map ();
  const segments = [];
  const counts = new Map ();
  let at = 0;

  data.regions.forEach ((region, r) => {
    base.set (r, at);
    segments.push (segmentOf (region, at));
    at += region.length;
  });
  for (let i = 0; i < data.n; i++)
    counts.set (data.thread[i], (counts.get (data.thread[i]) ?? 0) + 1);

  const indexes = new Map ([...counts].map (([thread, count]) => [thread, { index: new Uint32Array (count), n: 0, bytes: 0 }]));

  for (let i = 0; i < data.n; i++) {
    const own = indexes.get (data.thread[i]);

    own.index[own.n++] = i;
    own.bytes += data.size[i];
  }

  return [...indexes].sort ((a, b) => b[1].bytes - a[1].bytes || a[0] - b[0]).map (([thread, own]) =>
    new Lane (data, { key: `thread ${thread}`, kind: 'thread', label: names.thread (thread) || t ('Thread not recorded'), note: null, recorded: true, regions: data.regions,
                      index: own.index, count: own.n, hatched: false, thread, segments, base }));
}

export function newLanes (data, names, mode) {
  return mode === 'thread' ? threadLanes (data, names) : regionLanes (data);
}

export function regionLabel (region) {
  return region.label ?? region.kind;
}

// Where holes are room that the allocator could not give to anybody. Between blocks that
// have mappings of their own they are the rest of their last pages.
export const canFragment = kind => kind === 'heap' || kind === 'arena' || kind === 'cluster';

export function kindWord (kind) {
  return { heap: t ('heap'), arena: t ('arenas'), mmap: t ('mmap'), program: t ('program'), file: t ('libraries'), stack: t ('stack'), cluster: t ('addresses') }[kind] ?? kind;
}

// What a lane holds, in figures.
export function laneFigures (lane) {
  if (lane.kind === 'thread') {
    let size = 0;

    for (let k = 0; k < lane.n; k++)
      size += lane.data.size[lane.block (k)];

    return { blocks: lane.n, live: size, used: lane.covered[lane.n], length: lane.length, holes: null, fragmentation: null };
  }

  const sum = key => lane.regions.reduce ((total, region) => region[key] === null || total === null ? null : total + region[key], 0);
  const largest = lane.regions.reduce ((most, region) => Math.max (most, region.largestHole ?? 0), 0);
  const holes = sum ('holeBytes');

  return { blocks: lane.n, live: sum ('liveBytes'), used: sum ('usedBytes'), length: lane.length, holes, sparse: sum ('sparseBytes'), empty: sum ('emptyBytes'),
           fragmentation: holes === null ? null : holes > 0 ? 1 - largest / holes : 0 };
}

export const laneStart = lane => lane.segments.length ? lane.segments[0].start : bigOf (0, 0);
export const laneWords = lane => `${lane.label}, ${bytes (lane.length)}`;
