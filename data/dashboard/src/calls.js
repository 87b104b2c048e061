// SPDX-License-Identifier: GPL-3.0-or-later
// Call trees: what blocks weigh by the stacks they came from. The counterpart of
// core/analysis/memscope-flame-tree.c, which made the sums of the whole recording.

import { endOf, sweep } from './fold.js';
import { decodeTile, FLAG_TEMPORARY, NEVER } from './rows.js';

export const MEASURES = ['liveBytes', 'liveBlocks', 'bornBytes', 'births', 'temporary', 'temporaryBytes', 'peakBytes', 'peakBlocks'];
export const isBytes = measure => measure.endsWith ('Bytes');
const MAX_DEPTH = 4096;
const MAX_NODES = 500000;

const newSums = n => Object.fromEntries ([['n', n], ['thread', new Uint32Array (n)], ['stack', new Uint32Array (n)],
                                          ...MEASURES.map (measure => [measure, new Float64Array (n)])]);

// The sums that came with the page: exact, whatever blocks are in it.
export async function loadCalls (source) {
  const { n, columns } = decodeTile (await source.calls ());
  const sums = newSums (n);

  sums.thread.set (columns.thread);
  sums.stack.set (columns.stack);
  for (const measure of MEASURES)
    for (let i = 0; i < n; i++)
      sums[measure][i] = columns[measure].high[i] * 4294967296 + columns[measure].low[i];

  return sums;
}

// The same of a range, from the blocks.
export function foldCalls (model, begin, end, instant) {
  const { rows, stacks } = model;
  const nStacks = stacks.parent.length;
  const keys = new Map ();
  const keyOf = new Int32Array (rows.n).fill (-1);

  for (let i = 0; i < rows.n && rows.birth[i] < end; i++) {
    if (endOf (rows, i) < begin)
      continue;

    const pair = rows.thread[i] * nStacks + rows.stack[i];

    if (!keys.has (pair))
      keys.set (pair, keys.size);
    keyOf[i] = keys.get (pair);
  }

  const sums = newSums (keys.size);
  let live = 0;
  let op = 0;
  let peak = 0;
  let peakOp = 0;

  for (const [pair, key] of keys) {
    sums.thread[key] = Math.floor (pair / nStacks);
    sums.stack[key] = pair % nStacks;
  }
  for (let i = 0; i < rows.n; i++) {
    const key = keyOf[i];
    const size = rows.size[i];
    const death = endOf (rows, i);

    if (key < 0)
      continue;
    if (rows.birth[i] >= begin) {
      sums.births[key]++;
      sums.bornBytes[key] += size;
    }
    if (death !== NEVER && death >= begin && death < end && rows.flags[i] & FLAG_TEMPORARY) {
      sums.temporary[key]++;
      sums.temporaryBytes[key] += size;
    }
    if (rows.birth[i] < instant && rows.death[i] >= instant) {
      sums.liveBlocks[key]++;
      sums.liveBytes[key] += size;
    }
    if (rows.birth[i] < begin && rows.death[i] >= begin) {
      live += size;
      sums.peakBytes[key] += size;
      sums.peakBlocks[key]++;
    }
  }

  // Where the stock is highest, and then up to there.
  peak = live;
  sweep (rows, begin, end, (i, isBirth) => {
    live += isBirth ? rows.size[i] : -rows.size[i];
    op++;
    if (live > peak) {
      peak = live;
      peakOp = op;
    }
  });
  op = 0;
  sweep (rows, begin, end, (i, isBirth) => {
    if (op++ >= peakOp)
      return;
    sums.peakBytes[keyOf[i]] += isBirth ? rows.size[i] : -rows.size[i];
    sums.peakBlocks[keyOf[i]] += isBirth ? 1 : -1;
  });

  return sums;
}

const ROOT = 0;
const THREAD = 1;
const FUNCTION = 2;
const FRAME = 3;
const REST = 4;

// Nodes as columns; every node comes after its parent.
export class CallTree {
  constructor (model, sums, { bottomUp, byThread }) {
    this.model = model;
    this.bottomUp = bottomUp;
    this.byThread = byThread;
    this.parent = [0];
    this.depth = [0];
    this.kind = [ROOT];
    this.ref = [0];          // thread or frame
    this.symbol = [null];
    this.isSite = [false];
    this.children = new Map ();
    this.functions = new Map ();
    this.nStacks = 0;
    this.nTruncated = 0;
    this.plant (sums);
    this.measure = null;
  }

  get n () {
    return this.parent.length;
  }

  child (parent, key, kind, ref, symbol) {
    const pair = `${parent} ${key}`;
    let node = this.children.get (pair);

    if (node === undefined) {
      node = this.parent.length;
      this.children.set (pair, node);
      this.parent.push (parent);
      this.depth.push (this.depth[parent] + 1);
      this.kind.push (kind);
      this.ref.push (ref);
      this.symbol.push (symbol);
      this.isSite.push (false);
    }

    return node;
  }

  // Without a file, functions of one name in two modules are two.
  functionKey (frame, symbol) {
    const text = `${symbol.function}\n${symbol.file || ` ${frame.module}`}`;

    if (!this.functions.has (text))
      this.functions.set (text, this.functions.size);

    return this.functions.get (text);
  }

  addFrame (parent, index) {
    if (this.n >= MAX_NODES || this.depth[parent] >= MAX_DEPTH)
      return parent;
    if (!index)
      return this.child (parent, 'r', REST, 0, null);

    const frame = this.model.frame (index);
    const symbols = frame.symbols.length ? frame.symbols : [null];

    for (let k = 0; k < symbols.length; k++) {
      const symbol = symbols[this.bottomUp ? k : symbols.length - 1 - k];

      parent = symbol?.function ? this.child (parent, `f${this.functionKey (frame, symbol)}`, FUNCTION, index, symbol)
        : this.child (parent, `a${index}`, FRAME, index, symbol);
    }

    return parent;
  }

  plant (sums) {
    const { stacks } = this.model;
    const order = Array.from ({ length: sums.n }, (_, i) => i);
    const ends = new Int32Array (sums.n);
    let known = new Map ();
    let thread = -1;

    if (this.byThread)
      order.sort ((a, b) => sums.thread[a] - sums.thread[b]);
    this.sites = new Set ();
    for (const i of order) {
      let trunk = 0;

      if (this.byThread) {
        trunk = this.child (0, `t${sums.thread[i]}`, THREAD, sums.thread[i], null);
        if (sums.thread[i] !== thread)
          known = new Map ();
        thread = sums.thread[i];
      }

      const path = [];
      let stack = sums.stack[i];

      this.sites.add (stacks.site[stack]);
      if (this.bottomUp) {
        let node = trunk;

        for (; stack && path.length < MAX_DEPTH; stack = stacks.parent[stack]) {
          node = this.addFrame (node, stacks.frame[stack]);
          path.push (stack);
        }
        ends[i] = node;
      } else {
        for (; stack && !known.has (stack); stack = stacks.parent[stack])
          path.push (stack);

        let node = stack ? known.get (stack) : trunk;

        for (let k = path.length; k-- > 0;) {
          node = this.addFrame (node, stacks.frame[path[k]]);
          known.set (path[k], node);
        }
        ends[i] = node;
      }
    }

    // A stack of several threads is one, unless threads come first.
    const seen = new Set ();

    for (let i = 0; i < sums.n; i++) {
      let stack = sums.stack[i];

      if (!stack || (!this.byThread && seen.has (stack)))
        continue;
      seen.add (stack);
      this.nStacks++;
      while (stacks.parent[stack])
        stack = stacks.parent[stack];
      this.nTruncated += stacks.frame[stack] === 0;
    }

    this.own = {};
    this.total = {};
    for (const measure of MEASURES) {
      const own = new Float64Array (this.n);
      const total = new Float64Array (this.n);

      for (let i = 0; i < sums.n; i++)
        own[ends[i]] += sums[measure][i];
      total.set (own);
      for (let node = this.n - 1; node > 0; node--)
        total[this.parent[node]] += total[node];
      this.own[measure] = own;
      this.total[measure] = total;
    }
    this.children = null;
    this.functions = null;
    this.markSites ();
  }

  // Where blocks are said to come from.
  markSites () {
    const names = new Set ();

    for (const site of this.sites)
      for (const symbol of site ? this.model.frame (site).symbols : [])
        names.add (`${symbol.function}\n${symbol.file}`);
    for (let node = 1; node < this.n; node++)
      this.isSite[node] = this.kind[node] === FUNCTION ? names.has (`${this.symbol[node].function}\n${this.symbol[node].file}`)
        : this.kind[node] === FRAME && this.sites.has (this.ref[node]);
  }

  // Children of each node for a measure, heaviest first, without those that weigh nothing.
  arrange (measure) {
    const total = this.total[measure];
    const first = new Uint32Array (this.n + 1);
    const next = new Uint32Array (this.n);

    this.measure = measure;
    for (let node = 1; node < this.n; node++)
      if (total[node] > 0)
        first[this.parent[node] + 1]++;
    for (let node = 0; node < this.n; node++) {
      first[node + 1] += first[node];
      next[node] = first[node];
    }

    const order = new Uint32Array (first[this.n]);

    for (let node = 1; node < this.n; node++)
      if (total[node] > 0)
        order[next[this.parent[node]]++] = node;

    this.height = new Uint32Array (this.n);
    for (let node = this.n - 1; node > 0; node--)
      if (total[node] > 0)
        this.height[this.parent[node]] = Math.max (this.height[this.parent[node]], this.height[node] + 1);
    for (let node = 0; node < this.n; node++)
      if (first[node + 1] - first[node] > 1)
        order.subarray (first[node], first[node + 1]).sort ((a, b) => total[b] - total[a] || (this.step (a) < this.step (b) ? -1 : 1));
    this.first = first;
    this.order = order;
    this.giveColours ();
  }

  childrenOf (node) {
    return this.order.subarray (this.first[node], this.first[node + 1]);
  }

  weigh (node) {
    return this.total[this.measure][node];
  }

  weighOwn (node) {
    return this.own[this.measure][node];
  }

  share (node) {
    return this.weigh (0) > 0 ? this.weigh (node) / this.weigh (0) : 0;
  }

  isBelow (node, ancestor) {
    while (node > ancestor)
      node = this.parent[node];

    return node === ancestor;
  }

  moduleOf (node) {
    return this.kind[node] === FUNCTION || this.kind[node] === FRAME ? this.model.frame (this.ref[node]).module : 0;
  }

  // The modules that fill most of the picture have the colours.
  giveColours () {
    const areas = new Map ();
    let named = 0;
    let unnamed = 0;

    for (let node = 1; node < this.n; node++) {
      const module = this.moduleOf (node);

      if (module)
        areas.set (module, (areas.get (module) ?? 0) + this.weigh (node));
      if (this.kind[node] === FUNCTION)
        named += this.weigh (node);
      else if (this.kind[node] === FRAME)
        unnamed += this.weigh (node);
    }
    this.lacksNames = unnamed > .35 * (named + unnamed);
    this.legend = [...areas].filter (([, area]) => area > 0).sort ((a, b) => b[1] - a[1] || a[0] - b[0]).slice (0, 7).map (([module]) => module);
    this.hasOthers = false;

    const byModule = new Map (this.legend.map ((module, colour) => [module, colour]));

    this.colour = new Uint8Array (this.n);
    for (let node = 0; node < this.n; node++) {
      const isCode = this.kind[node] === FUNCTION || this.kind[node] === FRAME;

      this.colour[node] = isCode ? byModule.get (this.moduleOf (node)) ?? 7 : 8;
      if (this.colour[node] === 7 && this.weigh (node) > 0)
        this.hasOthers = true;
    }
  }

  // What tells a node from its siblings: to find it again in another tree.
  step (node) {
    const symbol = this.symbol[node];

    return this.kind[node] === FUNCTION ? `f${symbol.function}\n${symbol.file || this.moduleOf (node)}` : `${this.kind[node]} ${this.ref[node]}`;
  }

  pathOf (node) {
    const path = [];

    for (; node; node = this.parent[node])
      path.push (node);

    return path.reverse ();
  }

  // The place of another tree's node, or of its nearest ancestor that is here.
  find (other, node) {
    let found = 0;

    for (const step of other.pathOf (node).map (place => other.step (place))) {
      const child = this.childrenOf (found).find (candidate => this.step (candidate) === step);

      if (child === undefined)
        break;
      found = child;
    }

    return found;
  }
}

export const isRoot = (tree, node) => tree.kind[node] === ROOT;
export const isThread = (tree, node) => tree.kind[node] === THREAD;
export const isFunction = (tree, node) => tree.kind[node] === FUNCTION;
export const isRest = (tree, node) => tree.kind[node] === REST;

// Nodes whose name has the text, of the module with a colour (null: any), in the order
// in which they are drawn; and what they hold, each block counted once.
export function searchCalls (tree, nameOf, text, colour) {
  const needle = text.toLowerCase ();
  const names = new Map ();
  const isHit = new Uint8Array (tree.n);
  const covered = new Uint8Array (tree.n);
  const hits = [];
  let weight = 0;

  for (let node = 1; node < tree.n; node++) {
    const parent = tree.parent[node];

    covered[node] = covered[parent] || isHit[parent];
    if (tree.weigh (node) === 0 || (colour !== null && tree.colour[node] !== colour))
      continue;

    const key = tree.symbol[node]?.function || `#${node}`;

    if (!names.has (key))
      names.set (key, nameOf (node).toLowerCase ().includes (needle));
    if (names.get (key)) {
      isHit[node] = 1;
      if (!covered[node])
        weight += tree.weigh (node);
    }
  }

  const stack = [0];

  while (stack.length) {
    const node = stack.pop ();
    const children = tree.childrenOf (node);

    if (isHit[node])
      hits.push (node);
    for (let k = children.length; k-- > 0;)
      stack.push (children[k]);
  }

  return { hits, isHit, weight };
}
