// SPDX-License-Identifier: GPL-3.0-or-later
// The figures of a range that the reader chose in the page. The same definitions
// as core/analysis, which made those of the whole; the tests hold them together.

import { SPARK_BUCKETS } from './model.js';
import { FLAG_LEAKED, FLAG_SHARED, FLAG_TEMPORARY, NEVER, UNLISTED, deathOf } from './rows.js';

export const SIZE_BINS = 48;
// Where lifetime bins 1 and up begin, in ns: powers of the square root of ten.
const LIFETIME_EDGES = Array.from ({ length: 19 }, (_, k) => Math.round (1e3 * 10 ** (k / 2)));
export const LIFETIME_BINS = LIFETIME_EDGES.length + 1;
export const lifetimeFrom = bin => bin === 0 ? 0 : LIFETIME_EDGES[bin - 1];
const RATE_PARTS = 100;
const DEATH_UNSEEN = 3;
const SHORTEST_ACTIVITY = 1e8;

// A death stored before its birth reads as one at the birth.
export const endOf = (rows, i) => Math.max (rows.birth[i], rows.death[i]);
// Rows that the filter leaves out never lived.
const everLives = (rows, i) => (!rows.mask || rows.mask[i] === 1) && rows.deathEvent[i] > rows.birthEvent[i] && rows.death[i] >= rows.birth[i];

export function judgeStage (liveBlocks, shared, first, last, instant) {
  if (liveBlocks === 0)
    return 'freed';
  if (shared)
    return 'shared';

  return instant <= last || instant - last <= Math.max (Math.floor ((instant - first) / 10), SHORTEST_ACTIVITY) ? 'active' : 'allocated';
}

const FIGURES = ['rows', 'births', 'bornBytes', 'deaths', 'deadBytes', 'temporary', 'liveBlocks', 'liveBytes',
                 'peakBytes', 'peakTime', 'largest', 'sharedBlocks'];

class Accounts {
  constructor (n, begin, end, withSparks) {
    this.n = n;
    this.begin = begin;
    for (const figure of FIGURES)
      this[figure] = new Float64Array (n);
    this.firstTime = new Float64Array (n).fill (NEVER);
    this.lastTime = new Float64Array (n).fill (-1);
    this.firstEver = new Float64Array (n).fill (NEVER);
    this.lastEver = new Float64Array (n);
    this.shared = new Uint8Array (n);
    this.running = new Float64Array (n);
    this.peakTime.fill (begin);
    if (withSparks) {
      this.axis = newAxis (begin, end, SPARK_BUCKETS);
      this.spark = new Float64Array (n * SPARK_BUCKETS);
      this.bucket = new Int16Array (n).fill (-1);
    }
  }

  addBefore (key, bytes) {
    this.running[key] += bytes;
    this.peakBytes[key] = this.running[key];
  }

  // Live bytes of every bucket up to `bucket` are at least what they were until now.
  reach (key, bucket) {
    for (let b = this.bucket[key] + 1; b <= bucket; b++)
      this.spark[key * SPARK_BUCKETS + b] = this.running[key];
    this.bucket[key] = Math.max (this.bucket[key], bucket);
  }

  change (key, time, bytes) {
    const bucket = this.spark ? this.axis.find (time) : 0;

    if (this.spark)
      this.reach (key, bucket);
    this.running[key] += bytes;
    if (this.running[key] > this.peakBytes[key]) {
      this.peakBytes[key] = this.running[key];
      this.peakTime[key] = time;
    }
    if (this.spark) {
      const at = key * SPARK_BUCKETS + bucket;

      this.spark[at] = Math.max (this.spark[at], this.running[key]);
    }
  }

  note (key, time) {
    this.firstTime[key] = Math.min (this.firstTime[key], time);
    this.lastTime[key] = Math.max (this.lastTime[key], time);
  }

  sparkOf (key) {
    const values = this.spark.subarray (key * SPARK_BUCKETS, (key + 1) * SPARK_BUCKETS);
    const spark = new Uint8Array (SPARK_BUCKETS);
    let highest = 0;

    this.reach (key, SPARK_BUCKETS - 1);
    for (let b = 0; b < SPARK_BUCKETS; b++)
      highest = Math.max (highest, values[b]);
    for (let b = 0; b < SPARK_BUCKETS && highest > 0; b++)
      spark[b] = Math.round (values[b] / highest * 255);

    return spark;
  }
}

// A group as it is in the range. There may be very many: all have one shape, and
// only the sparks that are looked at are made.
class RangeGroup {
  constructor (account, key, group, instant) {
    this.account = account;
    this.key = key;
    this.index = group.index;
    this.thread = group.thread;
    this.variable = group.variable;
    this.callSite = group.callSite;
    this.module = group.module;
    this.type = group.type;
    this.rows = account.rows[key];
    this.births = account.births[key];
    this.bornBytes = account.bornBytes[key];
    this.deaths = account.deaths[key];
    this.deadBytes = account.deadBytes[key];
    this.temporary = account.temporary[key];
    this.liveBlocks = account.liveBlocks[key];
    this.liveBytes = account.liveBytes[key];
    this.peakBytes = account.peakBytes[key];
    this.peakTime = account.peakTime[key];
    this.largest = account.largest[key];
    this.sharedBlocks = account.sharedBlocks[key];
    this.firstTime = account.firstTime[key] === NEVER ? null : account.firstTime[key];
    this.lastTime = account.lastTime[key] < 0 ? null : account.lastTime[key];
    this.stage = judgeStage (this.liveBlocks, account.shared[key] !== 0, account.firstEver[key], account.lastEver[key], instant);
  }

  get spark () {
    return this.account.sparkOf (this.key);
  }
}

function finishGroups (account, groups, instant) {
  const found = [];

  for (let key = 0; key < groups.length; key++)
    if (account.rows[key] > 0)
      found.push (new RangeGroup (account, key, groups[key], instant));

  return found;
}

// What the head's lists leave out, from the blocks. Only where all blocks are in the page.
export function unlistedGroups (model) {
  const { begin, end, instant } = model.head.selection;
  const kinds = model.groupings;
  const names = Object.keys (kinds).filter (name => kinds[name].groups.length > model[name].length);

  if (names.length === 0)
    return {};

  const figures = foldRange (model, begin, end, instant);

  return Object.fromEntries (names.map (name => [name, figures[name].filter (group => group.index >= model[name].length)]));
}

export const sizeBin = size => size < 2 ? 0 : Math.min (Math.floor (Math.log2 (size)), SIZE_BINS - 1);

export function lifetimeBin (ns) {
  const bin = LIFETIME_EDGES.findIndex (edge => ns < edge);

  return bin < 0 ? LIFETIME_BINS - 1 : bin;
}

// As memscope-spread.c: nine significant bits of the exact median.
function median (values) {
  if (values.length === 0)
    return null;

  const sorted = Float64Array.from (values).sort ();
  const exact = sorted[Math.ceil (sorted.length / 2) - 1];
  const unit = exact < 512 ? 1 : 2 ** (Math.floor (Math.log2 (exact)) - 8);

  return Math.max (Math.floor (exact / unit) * unit, sorted[0]);
}

// Equal parts of [begin, end), as memscope-axis.c cuts them.
function newAxis (begin, end, n) {
  const whole = Math.floor ((end - begin) / n);
  const rest = (end - begin) % n;
  const edges = Float64Array.from ({ length: n + 1 }, (_, k) => begin + whole * k + Math.floor (rest * k / n));

  return {
    edges,
    find: time => {
      let k = Math.min (Math.max (Math.floor ((time - begin) / (end - begin) * n), 0), n - 1);

      while (k + 1 < n && time >= edges[k + 1])
        k++;
      while (k > 0 && time < edges[k])
        k--;

      return k;
    },
  };
}

const rateOf = (births, begin, end) => end - begin > 1 ? births / ((end - begin) / 1e9) : 0;

// What the program reported of blocks before the instant, by row: see memscope-holders.c.
const CLONE = 3;
const RETURN = 6;

export function findHolders (annotations, instant) {
  const holders = new Map ();

  for (const [row, kind, time] of annotations) {
    if (kind < CLONE || kind > RETURN || time >= instant)
      continue;

    const holder = holders.get (row - 1) ?? { borrows: 0, lastTime: 0 };

    holder.borrows = Math.max (holder.borrows + (kind === RETURN ? -1 : 1), 0);
    holder.lastTime = time;
    holders.set (row - 1, holder);
  }

  return holders;
}

export function isShared (rows, i, holder) {
  const previous = rows.previous[i];

  return (holder !== undefined && holder.borrows > 0) || (rows.flags[i] & FLAG_SHARED) !== 0
         || (rows.deathThread[i] !== 0 && rows.deathThread[i] !== rows.thread[i])
         || (previous !== 0 && previous !== UNLISTED && rows.thread[previous - 1] !== rows.thread[i]);
}

// Calls visit (row, isBirth) for the events of the range, in their order.
export function sweep (rows, begin, end, visit) {
  const { deathOrder } = rows;
  let b = 0;
  let d = 0;

  while (b < rows.n && rows.birth[b] < begin)
    b++;
  for (;;) {
    while (d < deathOrder.length && (rows.death[deathOrder[d]] < begin || rows.death[deathOrder[d]] >= end ||
                                     rows.birth[deathOrder[d]] >= end || !everLives (rows, deathOrder[d])))
      d++;
    while (b < rows.n && rows.birth[b] < end && !everLives (rows, b))
      b++;

    const birth = b < rows.n && rows.birth[b] < end ? rows.birthEvent[b] : NEVER;
    const death = d < deathOrder.length ? rows.deathEvent[deathOrder[d]] : NEVER;

    if (birth === NEVER && death === NEVER)
      return;
    if (birth < death)
      visit (b++, true);
    else
      visit (deathOrder[d++], false);
  }
}

// The figures of [begin, end), with the instant at its end unless told otherwise.
export function foldRange (model, begin, end, instant = end) {
  const { rows, head } = model;
  const kinds = model.groupings;
  const accounts = {};
  const summary = { allocations: 0, bytes: 0, frees: 0, freedBytes: 0, temporary: 0, reallocations: 0, liveBlocks: 0, liveBytes: 0,
                    peakBytes: 0, peakTime: begin, peakInstant: begin, peakBlocks: 0, unmatchedFrees: null, failed: null,
                    leakedBlocks: null, leakedBytes: null, estimates: null, rss: null, peakRss: null, threads: 0, variables: 0, callSites: 0 };
  const histograms = { sizes: new Float64Array (SIZE_BINS), sizeBytes: new Float64Array (SIZE_BINS),
                       lifetimes: new Float64Array (LIFETIME_BINS), neverDied: 0, medianSize: null, medianLifetime: null };
  const sizes = [];
  const lifetimes = [];
  const rates = new Float64Array (RATE_PARTS);
  const axis = newAxis (begin, end, RATE_PARTS);
  const holders = findHolders (head.annotations, instant);
  const knowsLeaks = head.summary.leakedBlocks !== null;
  const isRust = head.session.format.startsWith ('memscope-rs');
  let leakedBlocks = 0;
  let leakedBytes = 0;
  const leakStacks = new Set ();
  let deathless = 0;
  let live = 0;
  let liveBlocks = 0;
  let usable = 0;
  let sized = 0;
  let nSized = 0;

  for (const [name, kind] of Object.entries (kinds))
    accounts[name] = new Accounts (kind.groups.length, begin, end, name === 'cards');
  const all = Object.keys (kinds).map (name => [accounts[name], kinds[name].keys]);

  for (let i = 0; i < rows.n; i++) {
    const birth = rows.birth[i];
    const death = endOf (rows, i);
    const size = rows.size[i];

    if (birth >= end)
      break;
    if (rows.mask && rows.mask[i] === 0)
      continue;

    const born = birth >= begin;
    const died = death !== NEVER && death >= begin && death < end;
    const alive = birth < instant && rows.death[i] >= instant;
    const overlaps = death >= begin;
    const temporary = died && (rows.flags[i] & FLAG_TEMPORARY) !== 0;

    if (born) {
      summary.allocations++;
      summary.bytes += size;
      if (rows.previous[i] !== 0)
        summary.reallocations++;
      sizes.push (size);
      histograms.sizes[sizeBin (size)]++;
      histograms.sizeBytes[sizeBin (size)] += size;
      rates[axis.find (birth)]++;
    }
    if (died) {
      summary.frees++;
      summary.freedBytes += size;
      if (temporary)
        summary.temporary++;
      if (deathOf (rows, i) !== DEATH_UNSEEN) {
        lifetimes.push (death - birth);
        histograms.lifetimes[lifetimeBin (death - birth)]++;
      }
    } else if (overlaps) {
      histograms.neverDied++;
    }
    if (overlaps && rows.death[i] === NEVER)
      deathless++;
    if (overlaps && (isRust ? (rows.flags[i] & FLAG_LEAKED) !== 0 : rows.death[i] === NEVER)) {
      leakedBlocks++;
      leakedBytes += size;
      leakStacks.add (rows.stack[i]);
    }
    if (alive) {
      summary.liveBlocks++;
      summary.liveBytes += size;
      if (rows.rounding[i] !== 0xffffffff) {
        nSized++;
        sized += size;
        usable += size + rows.rounding[i];
      }
    }
    if (birth < begin && rows.death[i] >= begin && everLives (rows, i)) {
      live += size;
      liveBlocks++;
    }

    const holder = holders.get (i);
    const shared = isShared (rows, i, holder);

    for (const [account, keys] of all) {
      const key = keys[i];

      if (key < 0)
        continue;
      account.shared[key] |= shared ? 1 : 0;
      account.firstEver[key] = Math.min (account.firstEver[key], birth);
      account.lastEver[key] = Math.max (account.lastEver[key], death < instant ? death : birth, holder?.lastTime ?? 0);
      if (!overlaps)
        continue;
      account.rows[key]++;
      account.largest[key] = Math.max (account.largest[key], size);
      if (born) {
        account.births[key]++;
        account.bornBytes[key] += size;
        account.note (key, birth);
      } else if (rows.death[i] >= begin && everLives (rows, i)) {
        account.addBefore (key, size);
      }
      if (died) {
        account.deaths[key]++;
        account.deadBytes[key] += size;
        account.note (key, death);
        if (temporary)
          account.temporary[key]++;
      }
      if (alive) {
        account.liveBlocks[key]++;
        account.liveBytes[key] += size;
        if (shared)
          account.sharedBlocks[key]++;
      }
    }
  }

  summary.peakBytes = live;
  summary.peakBlocks = liveBlocks;
  sweep (rows, begin, end, (i, isBirth) => {
    const bytes = isBirth ? rows.size[i] : -rows.size[i];
    const time = isBirth ? rows.birth[i] : rows.death[i];

    live += bytes;
    liveBlocks += isBirth ? 1 : -1;
    if (live > summary.peakBytes) {
      summary.peakBytes = live;
      summary.peakTime = time;
      summary.peakInstant = time + 1;
      summary.peakBlocks = liveBlocks;
    }
    for (const [account, keys] of all) {
      const key = keys[i];

      if (key >= 0)
        account.change (key, time, bytes);
    }
  });

  const busiest = rates.reduce ((best, value, k) => value > rates[best] ? k : best, 0);

  histograms.medianSize = median (sizes);
  histograms.medianLifetime = median (lifetimes);
  summary.lifetimeMedian = histograms.medianLifetime;
  summary.rate = rateOf (summary.allocations, begin, end);
  summary.peakRate = rateOf (rates[busiest], axis.edges[busiest], axis.edges[busiest + 1]);
  summary.peakRateTime = axis.edges[busiest];
  summary.usableBytes = nSized ? usable : null;
  summary.efficiency = nSized && usable ? sized / usable : null;
  summary.leakedBlocks = knowsLeaks ? leakedBlocks : null;
  summary.leakedBytes = knowsLeaks ? leakedBytes : null;
  summary.leakStacks = leakStacks.size;
  summary.aliveAtEnd = head.summary.aliveAtEnd === null ? null : deathless;
  fillRss (head.rssSamples, begin, end, summary);

  const result = { summary, histograms, begin, end, instant };

  for (const [name, kind] of Object.entries (kinds))
    result[name] = finishGroups (accounts[name], kind.groups, instant);
  summary.threads = result.threads.length;
  summary.variables = result.variableGroups.length;
  summary.callSites = result.callSites.filter (group => group.callSite).length;
  for (const name of ['threads', 'variableGroups', 'cards', 'types'])
    result[name].sort ((a, b) => b.liveBytes - a.liveBytes || b.bornBytes - a.bornBytes || a.index - b.index);

  return result;
}

function fillRss (samples, begin, end, summary) {
  for (const [time, rss] of samples) {
    if (time > end)
      break;
    summary.rss = rss;
    summary.peakRss = time <= begin ? rss : time < end ? Math.max (summary.peakRss ?? 0, rss) : summary.peakRss;
  }
}
