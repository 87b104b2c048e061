// SPDX-License-Identifier: GPL-3.0-or-later
// What lies where, from the recorded mappings and the blocks: the counterpart of
// memscope-map-regions.c and memscope-map-figures.c, by the same rules.

import { t } from '../i18n.js';
import { MIN_HOLE, OVERLAPS, SELECTED, behind, bigOf, highOf, lowOf, usedBytes } from './map-data.js';

const ARENA_SIZE = 64 * 1024 * 1024;
const ARENA_HEAD = 64 * 1024;
const MMAPPED_SKEW = 16;
const MMAPPED_SIZE = 64 * 1024;
const CLUSTER_GAP = 32 * 1024 * 1024;
const MAX_CLUSTERS = 256;
const AREA_GAP = 1n << 30n;
const PIE_BEGIN = 0x5500;   // the upper half of addresses
const PIE_END = 0x5700;
const MMAP_BEGIN = 0x100;
const TRIM_THRESHOLD = 128 * 1024;
const MAX_PINS = 64;

const inArena = low => low & (ARENA_SIZE - 1);
const sameArena = (aLow, aHigh, bLow, bHigh) => aHigh === bHigh && aLow >>> 26 === bLow >>> 26;
const hasReserve = kind => kind === 'heap' || kind === 'arena';

// Spans of the last snapshot before the instant, and with what came until the next one.
function chooseSpans (mappings, instant) {
  const snapshots = mappings?.snapshots ?? [];
  let chosen = 0;

  if (snapshots.length === 0)
    return { recorded: [], all: [], time: null };

  while (chosen + 1 < snapshots.length && snapshots[chosen + 1].time <= instant)
    chosen++;

  const recorded = snapshots[chosen].spans;
  const later = snapshots[chosen + 1]?.spans ?? [];
  const overlaps = span => {
    let low = 0;
    let high = recorded.length;

    while (low < high) {
      const middle = (low + high) >> 1;

      if (recorded[middle].end <= span.start)
        low = middle + 1;
      else
        high = middle;
    }

    return low < recorded.length && recorded[low].start < span.end;
  };
  const all = [...recorded, ...later.filter (span => !overlaps (span))].sort ((a, b) => a.start < b.start ? -1 : a.start > b.start ? 1 : 0);

  return { recorded, all, time: snapshots[chosen].time };
}

// Snapshots of the page's head as spans with exact addresses.
export function readMappings (stored, text) {
  if (!stored)
    return null;

  return { guess: stored.guess, snapshots: stored.snapshots.map (({ time, start, end, kind, path }) => ({
    time,
    spans: start.map ((_, i) => {
      const from = BigInt (`0x${start[i]}`);
      const to = BigInt (`0x${end[i]}`);

      return { start: from, end: to, low: lowOf (from), high: highOf (from), endLow: lowOf (to), endHigh: highOf (to), kind: kind[i], path: path[i] ? text (path[i]) : null };
    }),
  })) };
}

class Finder {
  constructor (data, spans, guess) {
    this.data = data;
    this.spans = spans;
    this.guess = guess;
    this.page = data.pageSize;
    this.at = 0;
    this.regions = [];
    this.chooseGap ();
  }

  chooseGap () {
    const { data } = this;
    const gaps = [];
    let last = -1;
    let reach = 0;   // behind the block `last`

    this.gap = CLUSTER_GAP - 1;
    this.allowed = 0;
    this.few = true;
    for (let i = 0; i < data.n; i++) {
      const from = last < 0 ? 0 : behind (data, i, data.low[last], data.high[last]);

      if (last >= 0 && from - reach >= CLUSTER_GAP)
        gaps.push (from - reach);
      if (last < 0 || from + usedBytes (data, i) >= reach) {
        last = i;
        reach = usedBytes (data, i);
      }
    }
    if (gaps.length >= MAX_CLUSTERS) {
      gaps.sort ((a, b) => b - a);
      this.gap = gaps[MAX_CLUSTERS - 2];
      this.allowed = gaps.slice (0, MAX_CLUSTERS - 1).filter (gap => gap === this.gap).length;
      this.few = false;
    }
  }

  // Which span block i is in, or may be by now; the number behind all: none.
  spanOf (i) {
    const { data, spans } = this;
    const low = data.low[i];
    const high = data.high[i];

    while (this.at < spans.length && (spans[this.at].endHigh < high || (spans[this.at].endHigh === high && spans[this.at].endLow <= low)))
      this.at++;

    const span = spans[this.at];

    if (span && (span.high < high || (span.high === high && span.low <= low)))
      return this.at;

    const before = spans[this.at - 1];

    if (before?.kind === 'heap' && behind (data, i, before.endLow, before.endHigh) < CLUSTER_GAP)
      return this.at - 1;
    if (before?.kind === 'arena' && sameArena (low, high, before.low, before.high))
      return this.at - 1;

    return spans.length;
  }

  beginsArena (i, gap) {
    const { data } = this;

    return this.guess && this.few && data.high[i] >= MMAP_BEGIN && inArena (data.low[i]) < ARENA_HEAD && gap >= ARENA_HEAD
           && !sameArena (data.low[i], data.high[i], this.lastLow, this.lastHigh);
  }

  continues (region, i) {
    const { data } = this;
    const offset = behind (data, i, region.low, region.high);

    if (offset < this.reach || offset < region.length)
      return true;
    if (this.span < this.spans.length || this.beginsArena (i, offset - this.reach))
      return false;

    const gap = offset - this.reach;

    if (gap === this.gap && this.allowed > 0) {
      this.allowed--;
      return false;
    }

    return gap <= this.gap;
  }

  begin (number, i) {
    const { data } = this;
    const span = this.spans[number];
    const region = { kind: span?.kind ?? 'cluster', recorded: span !== undefined, path: span?.path ?? null, first: i, blocks: 0,
                     low: (data.low[i] - data.low[i] % this.page) >>> 0, high: data.high[i], length: 0 };

    if (span && hasReserve (span.kind)) {
      region.low = span.low;
      region.high = span.high;
      region.length = Number (span.end - span.start);
    }
    this.span = number;
    this.reach = behind (data, i, region.low, region.high);
    this.lastLow = data.low[i];
    this.lastHigh = data.high[i];
    this.regions.push (region);

    return region;
  }

  add (i) {
    const { data } = this;
    const number = this.spanOf (i);
    let region = this.regions[this.regions.length - 1];
    const same = region && (number < this.spans.length ? this.span === number || behind (data, i, region.low, region.high) < this.reach
      : this.continues (region, i));

    if (!same)
      region = this.begin (number, i);

    const offset = behind (data, i, region.low, region.high);
    const end = offset + usedBytes (data, i);

    region.blocks++;
    if (end >= this.reach) {
      this.reach = end;
      this.noteLast (region, end);
    }
    region.length = Math.max (region.length, Math.ceil (this.reach / this.page) * this.page, offset + 1);
    data.region[i] = this.regions.length - 1;
  }

  // The last byte that the region's blocks reach.
  noteLast (region, end) {
    const last = region.low + Math.max (end - 1, 0);

    this.lastLow = last % 4294967296 >>> 0;
    this.lastHigh = region.high + Math.floor (last / 4294967296);
  }

  guessKind (region) {
    const { data } = this;
    const low = data.low[region.first];
    const high = data.high[region.first];
    let mmapped = true;

    if (region.recorded || !this.guess)
      return;
    for (let i = region.first; i < region.first + region.blocks && mmapped; i++)
      mmapped = data.low[i] % this.page === MMAPPED_SKEW && data.size[i] >= MMAPPED_SIZE;

    const lastByte = region.low + region.length - 1;
    const endHigh = region.high + Math.floor (lastByte / 4294967296);

    if (mmapped)
      region.kind = 'mmap';
    else if (high >= MMAP_BEGIN && inArena (low) < ARENA_HEAD && sameArena (lastByte % 4294967296 >>> 0, endHigh, low, high))
      region.kind = 'arena';
    else if (region.high >= PIE_BEGIN && endHigh < PIE_END)
      region.kind = 'heap';
  }

  run () {
    const numbers = {};

    for (let i = 0; i < this.data.n; i++)
      this.add (i);
    for (const region of this.regions) {
      this.guessKind (region);
      numbers[region.kind] = (numbers[region.kind] ?? 0) + 1;
      region.number = numbers[region.kind];
      region.start = bigOf (region.low, region.high);
      region.end = region.start + BigInt (Math.round (region.length));
    }

    return this.regions;
  }
}

// ---- figures -----------------------------------------------------------------

function measure (data, region, byThread) {
  const page = data.pageSize;
  const reserve = region.recorded && hasReserve (region.kind);
  let reach = 0;
  let overlaps = false;
  let filling = -1;   // the page that is being filled, by its number in the region
  let filled = 0;
  let most = 0;

  Object.assign (region, { selected: 0, liveBytes: 0, usedBytes: 0, holeBytes: 0, largestHole: 0, holes: 0, topFree: 0, sparseBytes: 0, emptyBytes: 0,
                           fragmentation: 0, pins: 0, pinBytes: 0, thread: 0 });

  const hole = size => {
    if (size < MIN_HOLE)
      return;
    region.holes++;
    region.holeBytes += size;
    region.largestHole = Math.max (region.largestHole, size);
  };
  const finishPage = () => {
    if (filled > 0 && filled * 4 < page)
      region.sparseBytes += page;
  };
  const use = (start, end) => {
    const first = Math.floor (start / page);
    const last = Math.floor ((end - 1) / page);

    if (first !== filling) {
      finishPage ();
      region.emptyBytes += (first - filling - 1) * page;
      filling = first;
      filled = 0;
    }
    if (last === first) {
      filled += end - start;
      return;
    }
    filled += page - start % page;
    finishPage ();
    filling = last;
    filled = (end - 1) % page + 1;
  };

  for (let i = region.first; i < region.first + region.blocks; i++) {
    const at = behind (data, i, region.low, region.high);
    const start = Math.max (at, reach);
    const end = at + usedBytes (data, i);
    const thread = data.thread[i];
    const sum = byThread[thread] += data.size[i];

    if (data.flags[i] & SELECTED) {
      region.selected++;
      region.liveBytes += data.size[i];
    }
    if (thread !== 0 && sum > most) {
      most = sum;
      region.thread = thread;
    }
    if (start > reach && (i > region.first || (reserve && start - reach >= page)))
      hole (start - reach);
    overlaps ||= (data.flags[i] & OVERLAPS) !== 0;
    if (end > start) {
      region.usedBytes += end - start;
      use (start, end);
    }
    reach = Math.max (reach, end, start);
  }

  for (let i = region.first; i < region.first + region.blocks; i++)
    byThread[data.thread[i]] = 0;

  if (data.sampled) {
    for (const key of ['holeBytes', 'largestHole', 'holes', 'topFree', 'sparseBytes', 'emptyBytes', 'pinBytes', 'fragmentation'])
      region[key] = null;
    return;
  }

  finishPage ();
  region.emptyBytes += Math.max (Math.floor ((region.length - 1) / page) - filling, 0) * page;
  if (reserve) {
    region.topFree = Math.max (region.length - reach, 0);
    hole (region.topFree);
  }
  if (region.holeBytes > 0)
    region.fragmentation = 1 - region.largestHole / region.holeBytes;
  if (!overlaps && hasReserve (region.kind))
    findPins (data, region);
}

function findPins (data, region) {
  const page = data.pageSize;
  const n = Math.min (region.blocks, MAX_PINS);
  const freeWithout = k => {
    const i = region.first + region.blocks - 1 - k;
    const top = k < region.blocks ? behind (data, i, region.low, region.high) + usedBytes (data, i) : 0;

    return Math.max ((Math.floor (region.length / page) - Math.ceil (top / page)) * page, 0);
  };
  const already = freeWithout (0);
  const eligible = [0];
  let used = 0;
  let best = 0;

  for (let k = 1; k <= n; k++) {
    const free = freeWithout (k);

    used += usedBytes (data, region.first + region.blocks - k);
    eligible.push (free - already >= TRIM_THRESHOLD && used < Math.floor ((free - already) / 4) ? free : 0);
    best = Math.max (best, eligible[k]);
  }
  for (let k = 1; k <= n && best > 0; k++)
    if (eligible[k] >= best - Math.floor (best / 10)) {
      region.pins = k;
      region.pinBytes = eligible[k];
      return;
    }
}

// ---- areas ----------------------------------------------------------------------

function findAreas (regions, spans) {
  const overlaps = region => spans.some (span => span.end > region.start && span.start < region.end);
  const parts = [...spans.map (span => ({ kind: span.kind, recorded: true, start: span.start, end: span.end, path: span.path })),
                 ...regions.filter (region => !overlaps (region)).map (region => ({ kind: region.kind, recorded: region.recorded, start: region.start, end: region.end, path: region.path }))]
    .sort ((a, b) => a.start < b.start ? -1 : a.start > b.start ? 1 : 0);
  const areas = [];

  for (const part of parts) {
    const last = areas[areas.length - 1];

    if (last && last.kind === part.kind && part.start >= last.end && part.start - last.end < AREA_GAP) {
      last.mappedBytes += Number (part.end - part.start);
      last.end = part.end;
    } else {
      areas.push ({ ...part, mappedBytes: Number (part.end - part.start) });
    }
  }

  return areas.map (area => ({ ...area, low: lowOf (area.start), high: highOf (area.start), length: Number (area.end - area.start) }));
}

function nameRegion (region, threadName) {
  const { kind, number } = region;
  const file = region.path?.replace (/^.*\/(?=[^/])/, '');

  switch (kind) {
    case 'heap': return number === 1 ? t ('Main heap') : t ('Main heap, part {n}', { n: number });
    case 'arena': return region.thread ? t ('Arena {n} · {thread}', { n: number, thread: threadName (region.thread) }) : t ('Arena {n}', { n: number });
    case 'mmap': return number === 1 ? t ('Large blocks') : t ('Large blocks {n}', { n: number });
    case 'stack': return t ('Main stack');
    case 'program': case 'file': return file || t ('Mapped file');
    default: return t ('Addresses {n}', { n: number });
  }
}

// Gives `data`, whose columns are there, its regions, areas and mappingsTime.
export function findRegions (data, mappings, guess, threadName) {
  const { recorded, all, time } = chooseSpans (mappings, data.instant);
  const finder = new Finder (data, all, guess);

  const byThread = new Float64Array (data.thread.reduce ((highest, thread) => Math.max (highest, thread), 0) + 1);

  data.regions = finder.run ();
  for (const region of data.regions) {
    measure (data, region, byThread);
    region.label = nameRegion (region, threadName);
  }
  data.areas = findAreas (data.regions, recorded);
  data.mappingsTime = time;
}
