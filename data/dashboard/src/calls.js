// SPDX-License-Identifier: GPL-3.0-or-later
// Call trees: what blocks weigh by the stacks they came from. The counterpart of
// core/analysis/memscope-flame-tree.c, which made the sums of the whole recording.

import { endOf, sweep } from './fold.js';
import { decodeTile, FLAG_TEMPORARY, NEVER } from './rows.js';

export const MEASURES = ['liveBytes', 'liveBlocks', 'bornBytes', 'births', 'temporary', 'temporaryBytes', 'peakBytes', 'peakBlocks'];
export const isBytes = measure => measure.endsWith ('Bytes');
// What lies beyond these is in the last place before it; the heaviest stacks come first.
const MAX_DEPTH = 4096;
const MAX_NODES = 500000;
// More than there are keys of children: function, frame and thread numbers, times four.
const KEYS = 2 ** 28;

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
    if (endOf (rows, i) < begin || (rows.mask && rows.mask[i] === 0))
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

// By the largest share of anything.
function heaviestFirst (sums) {
  const weights = new Float64Array (sums.n);

  for (const measure of MEASURES) {
    const total = sums[measure].reduce ((sum, value) => sum + value, 0);

    for (let i = 0; i < sums.n && total > 0; i++)
      weights[i] = Math.max (weights[i], sums[measure][i] / total);
  }

  return Uint32Array.from ({ length: sums.n }, (_, i) => i).sort ((a, b) => weights[b] - weights[a] || a - b);
}

const ROOT = 0;
const THREAD = 1;
const FUNCTION = 2;
const FRAME = 3;
const REST = 4;

// How long the page may be busy at a stretch, in ms.
const STRETCH = 12;
const pause = () => new Promise (resolve => setTimeout (resolve));

// Nodes as columns; every node comes after its parent.
export class CallTree {
  constructor (model, { bottomUp, byThread }) {
    this.model = model;
    this.bottomUp = bottomUp;
    this.byThread = byThread;
    this.parent = [0];
    this.depth = [0];
    this.kind = [ROOT];
    this.ref = [0];          // thread or frame
    this.symbol = [null];
    this.module = [0];
    this.children = new Map ();
    this.functions = new Map ();
    this.framesOf = [];      // by frame: the keys of its functions, outermost first
    this.nStacks = 0;
    this.nTruncated = 0;
    this.nFolded = 0;
    this.measure = null;
  }

  get n () {
    return this.parent.length;
  }

  child (parent, key, kind, ref, symbol, module) {
    const pair = parent * KEYS + key;
    let node = this.children.get (pair);

    if (node === undefined) {
      node = this.parent.length;
      this.children.set (pair, node);
      this.parent.push (parent);
      this.depth.push (this.depth[parent] + 1);
      this.kind.push (kind);
      this.ref.push (ref);
      this.symbol.push (symbol);
      this.module.push (module);
    }

    return node;
  }

  // Without a file, functions of one name in two modules are two.
  functionKey (frame, symbol) {
    const text = `${symbol.function}\n${symbol.file || ` ${frame.module}`}`;

    if (!this.functions.has (text))
      this.functions.set (text, this.functions.size);

    return 4 * this.functions.get (text);
  }

  placesOf (index) {
    if (!this.framesOf[index]) {
      const frame = this.model.frame (index);
      const symbols = frame.symbols.length ? [...frame.symbols] : [null];

      if (!this.bottomUp)
        symbols.reverse ();
      this.framesOf[index] = symbols.map (symbol => symbol?.function ? [this.functionKey (frame, symbol), FUNCTION, symbol, frame.module]
        : [4 * index + 1, FRAME, symbol, frame.module]);
    }

    return this.framesOf[index];
  }

  addFrame (parent, index) {
    if (this.n >= MAX_NODES || this.depth[parent] >= MAX_DEPTH) {
      this.folded = true;
      return parent;
    }
    if (!index)
      return this.child (parent, 2, REST, 0, null, 0);

    for (const [key, kind, symbol, module] of this.placesOf (index))
      parent = this.child (parent, key, kind, index, symbol, module);

    return parent;
  }

  addUp (trunk, stack) {
    const { stacks } = this.model;

    for (let k = 0; stack && k < MAX_DEPTH; stack = stacks.parent[stack], k++)
      trunk = this.addFrame (trunk, stacks.frame[stack]);

    return trunk;
  }

  addDown (trunk, stack, known) {
    const { stacks } = this.model;
    const path = [];

    for (; stack && !known.has (stack); stack = stacks.parent[stack])
      path.push (stack);

    let node = stack ? known.get (stack) : trunk;

    for (let k = path.length; k-- > 0;) {
      node = this.addFrame (node, stacks.frame[path[k]]);
      known.set (path[k], node);
    }

    return node;
  }

  // false: something newer was asked for meanwhile.
  async plant (sums, isWanted) {
    const { stacks } = this.model;
    const ends = new Int32Array (sums.n);
    const seen = new Set ();
    const sites = new Set ();
    const known = new Map ();
    let until = performance.now () + STRETCH;

    for (const i of heaviestFirst (sums)) {
      const stack = sums.stack[i];
      const trunk = this.byThread ? this.child (0, 4 * sums.thread[i] + 3, THREAD, sums.thread[i], null, 0) : 0;

      if (!known.has (trunk))
        known.set (trunk, new Map ());
      sites.add (stacks.site[stack]);
      this.folded = false;
      ends[i] = this.bottomUp ? this.addUp (trunk, stack) : this.addDown (trunk, stack, known.get (trunk));

      // A stack of several threads is one, unless threads come first.
      if (stack && (this.byThread || !seen.has (stack))) {
        let outermost = stack;

        seen.add (stack);
        this.nStacks++;
        this.nFolded += this.folded;
        while (stacks.parent[outermost])
          outermost = stacks.parent[outermost];
        this.nTruncated += stacks.frame[outermost] === 0;
      }

      if (performance.now () > until) {
        await pause ();
        if (!isWanted ())
          return false;
        until = performance.now () + STRETCH;
      }
    }

    this.sums = sums;
    this.ends = ends;
    this.columns = {};
    this.children = null;
    this.functions = null;
    this.framesOf = null;
    this.sites = sites;
    await pause ();

    return isWanted ();
  }

  // What each node weighs, by itself and with all below: made when first asked for.
  columnsOf (measure) {
    if (!this.columns[measure]) {
      const own = new Float64Array (this.n);

      for (let i = 0; i < this.sums.n; i++)
        own[this.ends[i]] += this.sums[measure][i];

      const total = own.slice ();

      for (let node = this.n - 1; node > 0; node--)
        total[this.parent[node]] += total[node];
      this.columns[measure] = { own, total };
    }

    return this.columns[measure];
  }

  totalOf (measure, node) {
    return this.columnsOf (measure).total[node];
  }

  // Blocks are said to come from here.
  isSite (node) {
    this.siteNames ??= new Set ([...this.sites].flatMap (site => site ? this.model.frame (site).symbols : []).map (symbol => `${symbol.function}\n${symbol.file}`));

    return this.kind[node] === FUNCTION ? this.siteNames.has (`${this.symbol[node].function}\n${this.symbol[node].file}`)
      : this.kind[node] === FRAME && this.sites.has (this.ref[node]);
  }

  // Children of each node for a measure, heaviest first, without those that weigh nothing.
  arrange (measure) {
    const { own, total } = this.columnsOf (measure);
    const first = new Uint32Array (this.n + 1);
    const next = new Uint32Array (this.n);

    this.measure = measure;
    this.own = own;
    this.total = total;
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
        order.subarray (first[node], first[node + 1]).sort ((a, b) => total[b] - total[a] || a - b);
    this.first = first;
    this.order = order;
    this.giveColours ();
  }

  childrenOf (node) {
    return this.order.subarray (this.first[node], this.first[node + 1]);
  }

  weigh (node) {
    return this.total[node];
  }

  weighOwn (node) {
    return this.own[node];
  }

  share (node) {
    return this.weigh (0) > 0 ? this.weigh (node) / this.weigh (0) : 0;
  }

  isBelow (node, ancestor) {
    while (node > ancestor)
      node = this.parent[node];

    return node === ancestor;
  }

  // The modules that fill most of the picture have the colours.
  giveColours () {
    const { total } = this;
    const areas = new Map ();
    let named = 0;
    let unnamed = 0;

    for (let node = 1; node < this.n; node++) {
      const module = this.module[node];
      const weight = total[node];

      if (module)
        areas.set (module, (areas.get (module) ?? 0) + weight);
      if (this.kind[node] === FUNCTION)
        named += weight;
      else if (this.kind[node] === FRAME)
        unnamed += weight;
    }
    this.lacksNames = unnamed > .35 * (named + unnamed);
    this.legend = [...areas].filter (([, area]) => area > 0).sort ((a, b) => b[1] - a[1] || a[0] - b[0]).slice (0, 7).map (([module]) => module);
    this.hasOthers = false;

    const byModule = new Map (this.legend.map ((module, colour) => [module, colour]));

    this.colour = new Uint8Array (this.n);
    for (let node = 0; node < this.n; node++) {
      const isCode = this.kind[node] === FUNCTION || this.kind[node] === FRAME;

      this.colour[node] = isCode ? byModule.get (this.module[node]) ?? 7 : 8;
      if (this.colour[node] === 7 && total[node] > 0)
        this.hasOthers = true;
    }
  }

  // 0, 1 or 2: the same for all places of a function.
  shadeOf (node) {
    const name = this.symbol[node]?.function || String (this.ref[node]);
    let hash = name.length;

    for (let k = 0; k < name.length && k < 64; k++)
      hash = (hash * 31 + name.charCodeAt (k)) >>> 0;

    return this.kind[node] === FUNCTION || this.kind[node] === FRAME ? hash % 3 : 0;
  }

  // What tells a node from its siblings: to find it again in another tree.
  step (node) {
    const symbol = this.symbol[node];

    return this.kind[node] === FUNCTION ? `f${symbol.function}\n${symbol.file || this.module[node]}` : `${this.kind[node]} ${this.ref[node]}`;
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
