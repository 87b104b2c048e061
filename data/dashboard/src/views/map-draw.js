// SPDX-License-Identifier: GPL-3.0-or-later
// Lanes on a canvas. Never more rectangles than pixels: blocks that are narrower than
// one are summed up by the pixel, and runs of them by CHUNK blocks at a time.

import { bytes } from '../format.js';
import { t } from '../i18n.js';
import { CHUNK, N_CATEGORIES } from './map-lanes.js';
import { UNKNOWN_ROUNDING, usedBytes } from './map-data.js';
import { N_LEVELS, levelOf } from './map-palette.js';

const MONO = '11px "DejaVu Sans Mono", "Noto Sans Mono", Menlo, Consolas, monospace';
const LETTER_WIDTH = 15;
const NAME_WIDTH = 92;
const HEAT_CELL = 8;

let hatchPattern = null;
let hatchKey = '';

// Diagonal lines: nothing is known to be there.
function hatch (context, colour, ratio) {
  const key = `${colour} ${ratio}`;

  if (hatchKey !== key) {
    const size = Math.round (8 * ratio);
    const tile = document.createElement ('canvas');

    tile.width = size;
    tile.height = size;

    const pen = tile.getContext ('2d');

    pen.strokeStyle = colour;
    pen.lineWidth = ratio;
    pen.beginPath ();
    for (const at of [-size, 0, size]) {
      pen.moveTo (at - 1, size + 1);
      pen.lineTo (at + size + 1, -1);
    }
    pen.stroke ();
    hatchPattern = tile;
    hatchKey = key;
  }

  return context.createPattern (hatchPattern, 'repeat');
}

// Rectangles by their colour: a canvas is quick when colours change seldom.
class Brush {
  constructor (context, palette, top, height) {
    this.context = context;
    this.palette = palette;
    this.top = top;
    this.height = height;
    this.runs = new Map ();
  }

  add (category, style, x, width) {
    const key = category * 8 + style;
    let run = this.runs.get (key);

    if (!run)
      this.runs.set (key, run = []);
    run.push (x, width);
  }

  paint () {
    const { context, palette } = this;
    let drawn = 0;

    for (const [key, run] of this.runs) {
      const category = key >> 3;
      const style = key & 7;

      context.fillStyle = style < N_LEVELS ? palette.fills[category][style] : style === 5 ? palette.second[category] : palette.rounding[category];
      for (let k = 0; k < run.length; k += 2)
        context.fillRect (run[k], this.top, run[k + 1], this.height);
      drawn += run.length / 2;
    }

    return drawn;
  }
}

// The blocks of a lane that are in sight. `box` is in device pixels. Returns what there is
// room to write on, and how many rectangles were drawn.
function drawBlocks (context, lane, box, from, to, categories, palette, ratio) {
  const { data } = lane;
  const scale = box.width / (to - from);
  const brush = new Brush (context, palette, box.top, box.height);
  const wide = [];
  const right = box.left + box.width;
  const sums = new Float64Array (N_CATEGORIES);
  const perPixel = 1 / scale;
  let pixel = -1;
  let covered = 0;
  let runCategory = -1;
  let runLevel = 0;
  let runFrom = 0;
  let runTo = 0;

  const endRun = () => {
    if (runCategory >= 0)
      brush.add (runCategory, runLevel, box.left + runFrom, runTo - runFrom);
    runCategory = -1;
  };
  const endPixel = () => {
    if (pixel >= 0 && covered > 0) {
      let best = 0;

      for (let c = 1; c < N_CATEGORIES; c++)
        if (sums[c] > sums[best])
          best = c;

      const level = levelOf (covered / perPixel);

      if (runCategory === best && runLevel === level && runTo === pixel) {
        runTo = pixel + 1;
      } else {
        endRun ();
        runCategory = best;
        runLevel = level;
        runFrom = pixel;
        runTo = pixel + 1;
      }
    }
    sums.fill (0);
    covered = 0;
  };
  const toPixel = at => {
    if (at !== pixel) {
      endPixel ();
      pixel = at;
    }
  };

  let k = lane.firstReaching (from);

  while (k < lane.n && lane.position[k] < to) {
    // A whole run of blocks within one pixel.
    if (k % CHUNK === 0 && lane.sums && k + CHUNK <= lane.n) {
      const first = Math.floor ((lane.position[k] - from) * scale);

      if (first >= 0 && lane.reach[k + CHUNK - 1] < from + (first + 1) * perPixel) {
        const at = k / CHUNK * N_CATEGORIES;

        toPixel (first);
        for (let c = 0; c < N_CATEGORIES; c++)
          sums[c] += lane.sums[at + c];
        covered += lane.covered[k + CHUNK] - lane.covered[k];
        k += CHUNK;
        continue;
      }
    }

    const i = lane.block (k);
    const used = usedBytes (data, i);
    const begin = (lane.position[k] - from) * scale;
    const end = begin + used * scale;
    const category = categories[i];

    if (end - begin >= ratio) {
      endPixel ();
      endRun ();
      pixel = -1;

      const x0 = Math.max (Math.round (begin), 0);
      const x1 = Math.min (Math.max (Math.round (end), x0 + 1), box.width);
      const gap = x1 - x0 >= 4 * ratio && end < box.width ? ratio : 0;

      if (x1 > x0) {
        const rounding = data.rounding[i] === UNKNOWN_ROUNDING ? 0 : data.rounding[i] * scale;

        brush.add (category, k & 1 ? 5 : 0, box.left + x0, x1 - x0 - gap);
        if (rounding >= 2 * ratio)
          brush.add (category, 6, Math.max (box.left + Math.round (end - rounding), box.left), Math.max (Math.min (box.left + x1 - gap, right) - Math.max (box.left + Math.round (end - rounding), box.left), 0));
        if (x1 - x0 >= LETTER_WIDTH * ratio)
          wide.push ({ i, category, left: box.left + x0, width: x1 - x0 - gap });
      }
    } else if (used === 0) {
      // Nothing is there, but somebody holds it: a hair.
      toPixel (Math.max (Math.floor (begin), 0));
      sums[category] += perPixel * 0.01;
      covered += perPixel * 0.31;
    } else {
      // Over one pixel, or the edge of two.
      const first = Math.max (Math.floor (begin), 0);
      const last = Math.min (Math.floor (end - 1e-9), box.width - 1);

      for (let at = first; at <= last; at++) {
        const part = (Math.min (end, at + 1) - Math.max (begin, at)) * perPixel;

        toPixel (at);
        sums[category] += part;
        covered += part;
      }
    }
    k++;
  }
  endPixel ();
  endRun ();

  return { wide, drawn: brush.paint () };
}

// Stages have shapes: a disc with an arrow, a ring with a dot, two rings.
function drawStage (context, stage, x, y, ratio, ink) {
  const arc = (cx, r) => {
    context.beginPath ();
    context.arc (x + cx * ratio, y, r * ratio, 0, 2 * Math.PI);
  };

  context.strokeStyle = ink;
  context.fillStyle = ink;
  context.lineWidth = 1.3 * ratio;
  if (stage === 'shared') {
    arc (3, 2.6);
    context.stroke ();
    arc (6, 2.6);
    context.stroke ();
    return;
  }
  arc (4.5, 4);
  context.stroke ();
  if (stage === 'allocated') {
    arc (4.5, 1.4);
    context.fill ();
  } else {
    context.beginPath ();
    context.moveTo (x + 3.2 * ratio, y - 2.2 * ratio);
    context.lineTo (x + 3.2 * ratio, y + 2.2 * ratio);
    context.lineTo (x + 6.8 * ratio, y);
    context.fill ();
  }
}

// Letters, and names where there is room for them.
function writeBlocks (context, wide, box, legend, palette, ratio, nameOf) {
  const byCategory = new Map (legend.entries.map (entry => [entry.category, entry]));

  context.textBaseline = 'alphabetic';
  wide.sort ((a, b) => a.left - b.left);
  for (const [k, { i, category, left, width: whole }] of wide.entries ()) {
    // As far as the next block: pools and what stored addresses claim begin inside others.
    const width = Math.min (whole, (wide[k + 1]?.left ?? Infinity) - left);

    if (width < LETTER_WIDTH * ratio - 1)
      continue;

    const entry = byCategory.get (category);
    let x = left + 5 * ratio;

    if (entry?.stage) {
      drawStage (context, entry.stage, x, box.top + 10 * ratio, ratio, palette.inks[category]);
      x += 13 * ratio;
    } else if (entry?.letter) {
      context.font = `700 ${11 * ratio}px ${palette.font}`;
      context.fillStyle = palette.inks[category];
      context.fillText (entry.letter, x, box.top + 14 * ratio);
      x += 14 * ratio;
    }
    if (width >= NAME_WIDTH * ratio) {
      const room = Math.floor ((left + width - x - 4 * ratio) / (6.7 * ratio));
      const name = nameOf (i);

      context.font = MONO.replace ('11px', `${11 * ratio}px`);
      context.fillStyle = palette.inks[category];
      context.fillText (name.length > room ? `${name.slice (0, Math.max (room - 1, 0))}…` : name, x, box.top + 14 * ratio);
    }
  }
}

// Single bytes, when they are wide enough to be seen.
function drawBytes (context, box, from, to, palette, ratio) {
  const scale = box.width / (to - from);

  if (scale < 7 * ratio)
    return;
  context.fillStyle = palette.ground;
  context.globalAlpha = 0.5;
  for (let at = Math.ceil (from); at <= to; at++)
    context.fillRect (Math.round (box.left + (at - from) * scale), box.top + box.height - 9 * ratio, ratio, 9 * ratio);
  context.globalAlpha = 1;
}

// How full pages are: a cell for each, or for as many as stand in eight pixels.
export function heatCells (lane, width, from, to, heat, ratio) {
  const page = lane.data.pageSize;
  const scale = width / (to - from);
  const cells = [];
  const stop = Math.min (to, lane.length);

  if (page * scale >= HEAT_CELL * ratio / 2) {
    for (let at = Math.floor (from / page) * page; at < stop; at += page)
      cells.push ([at, Math.min (at + page, lane.length)]);
  } else {
    const step = Math.ceil (HEAT_CELL * ratio / (page * scale)) * page;

    for (let at = Math.floor (from / step) * step; at < stop; at += step)
      cells.push ([at, Math.min (at + step, lane.length)]);
  }

  return cells.map (([begin, end]) => {
    const size = Math.max (end - begin, 1);
    const value = heat === 'blocks' ? (lane.before (end) - lane.before (begin)) / (size / page) : (lane.coveredBefore (end) - lane.coveredBefore (begin)) / size;

    return { begin, end, value };
  });
}

function drawHeat (context, lane, box, from, to, heat, most, palette, ratio) {
  const scale = box.width / (to - from);

  for (const { begin, end, value } of heatCells (lane, box.width, from, to, heat, ratio)) {
    const x0 = Math.max (Math.round ((begin - from) * scale), 0);
    const x1 = Math.min (Math.round ((end - from) * scale), box.width);
    const share = heat === 'blocks' ? Math.log1p (value) / Math.log1p (Math.max (most, 1)) : value;

    if (x1 <= x0 || (value === 0 && !lane.hatched))
      continue;
    context.fillStyle = palette.heat (share);
    context.fillRect (box.left + x0, box.top, Math.max (x1 - x0 - (x1 - x0 > 3 * ratio ? ratio : 0), 1), box.height);
  }
}

// The most blocks on a page, of all lanes: full for the strip of allocations.
export function mostOnPage (lanes) {
  let most = 1;

  for (const lane of lanes) {
    const page = lane.data.pageSize;
    let number = -1;
    let count = 0;

    for (let k = 0; k < lane.n; k++) {
      const at = Math.floor (lane.position[k] / page);

      count = at === number ? count + 1 : 1;
      number = at;
      most = Math.max (most, count);
    }
  }

  return most;
}

const endsWords = lane => t ('ends after {bytes}', { bytes: bytes (lane.length) });

// One lane: `box` { left, top, width, height } of its blocks and `heatBox` of its pages, in device pixels.
export function drawLane (context, lane, box, heatBox, [from, to], { legend, palette, ratio, heat, most, nameOf }) {
  const scale = box.width / (to - from);
  const x0 = Math.max (-from * scale, 0);
  const x1 = Math.min ((lane.length - from) * scale, box.width);

  if (x1 <= x0) {
    context.font = FONT.replace ('700 11px', `${12 * ratio}px`);
    context.fillStyle = palette.dim;
    context.textBaseline = 'alphabetic';
    context.fillText (endsWords (lane), box.left + 6 * ratio, box.top + 18 * ratio);
    return 0;
  }

  context.fillStyle = palette.ground;
  context.fillRect (box.left + x0, box.top, x1 - x0, box.height);
  if (lane.hatched) {
    context.fillStyle = hatch (context, palette.hatch, ratio);
    context.fillRect (box.left + x0, box.top, x1 - x0, box.height);
  }

  const { wide, drawn } = drawBlocks (context, lane, box, from, to, legend.categories, palette, ratio);

  drawBytes (context, box, from, to, palette, ratio);
  writeBlocks (context, wide, box, legend, palette, ratio, nameOf);
  drawHeat (context, lane, heatBox, from, to, heat, most, palette, ratio);

  // Where the lane leaves a part of the address space out.
  for (const segment of lane.segments.slice (1)) {
    const x = Math.round ((segment.at - from) * scale);

    if (x > 0 && x < box.width) {
      const narrow = segment.length * scale < 24 * ratio;

      context.fillStyle = narrow ? palette.line : palette.edge;
      context.fillRect (box.left + x, box.top - (narrow ? 0 : 3 * ratio), ratio, box.height + (narrow ? 0 : 6 * ratio + heatBox.height));
    }
  }

  context.strokeStyle = palette.line;
  context.lineWidth = ratio;
  context.strokeRect (box.left + x0 + ratio / 2, box.top + ratio / 2, x1 - x0 - ratio, box.height - ratio);

  return drawn;
}
