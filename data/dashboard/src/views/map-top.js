// SPDX-License-Identifier: GPL-3.0-or-later
// Above the lanes: the whole address space with its gaps left out, and the ruler.

import { h, replace } from '../dom.js';
import { bytes } from '../format.js';
import { t } from '../i18n.js';
import { kindWord } from './map-lanes.js';
import { hex } from './map-data.js';

const AREAS_TOP = 14;
const AREAS_HEIGHT = 22;
const RULER = 84;
export const TOP_HEIGHT = 98;
const FOLD = 26;
const FEWEST = 10;
const MOST_AREAS = 48;
const FAR = 1n << 30n;
const UNITS = [[1, 'B'], [1024, 'KiB'], [1024 ** 2, 'MiB'], [1024 ** 3, 'GiB'], [1024 ** 4, 'TiB'], [1024 ** 5, 'PiB']];

// Where the areas stand: large ones wider, small ones still to be seen.
export function placeAreas (data, left, width) {
  let areas = data.areas;

  if (areas.length > MOST_AREAS) {
    const holding = areas.filter (area => data.regions.some (region => region.start < area.end && region.end > area.start));

    areas = (holding.length ? holding : areas).slice (0, MOST_AREAS);
  }

  const folds = areas.map ((area, k) => k > 0 && area.start - areas[k - 1].end >= FAR);
  const between = folds.filter (fold => fold).length * FOLD + areas.length * 2;
  const weights = areas.map (area => 1 + Math.log2 (1 + area.mappedBytes / 4096));
  const sum = weights.reduce ((total, weight) => total + weight, 0) || 1;
  const room = Math.max (width - between, areas.length * 2);
  const least = Math.min (FEWEST, room / Math.max (areas.length, 1));
  const spare = Math.max (room - least * areas.length, 0);
  let x = left;

  return areas.map ((area, k) => {
    if (folds[k])
      x += FOLD;

    const placed = { area, x, width: least + spare * weights[k] / sum, folded: folds[k] };

    x += placed.width + 2;

    return placed;
  });
}

function areaWord (area) {
  if (area.kind === 'heap')
    return '[heap]';
  if ((area.kind === 'program') && area.path)
    return area.path.replace (/^.*\//, '');

  return kindWord (area.kind);
}

// Where an address stands on the drawing; null: in no area.
function xOfAddress (placed, address) {
  for (const { area, x, width } of placed)
    if (address >= area.start && address < area.end)
      return x + Number (address - area.start) / Math.max (area.length, 1) * width;

  return null;
}

export function addressOfX (placed, at) {
  const hit = placed.find (({ x, width }) => at >= x && at <= x + width);

  if (!hit)
    return null;

  const offset = BigInt (Math.floor ((at - hit.x) / hit.width * Math.max (hit.area.length - 1, 0)));

  return hit.area.start + offset;
}

function cut (context, text, room) {
  if (context.measureText (text).width <= room)
    return text;
  while (text.length > 1 && context.measureText (`${text}…`).width > room)
    text = text.slice (0, -1);

  return text.length > 1 ? `${text}…` : '';
}

function drawAreas (context, placed, top, height, palette) {
  context.font = `12px ${palette.font}`;
  context.textBaseline = 'middle';
  for (const { area, x, width, folded } of placed) {
    context.fillStyle = palette.kinds[area.kind] ?? palette.kinds.cluster;
    context.beginPath ();
    context.roundRect (x, top, width, height, Math.min (4, width / 2));
    context.fill ();
    if (folded) {
      context.strokeStyle = palette.dim;
      context.lineWidth = 1.2;
      for (const at of [x - 18, x - 12]) {
        context.beginPath ();
        context.moveTo (at, top + 3);
        context.lineTo (at + 5, top + height / 2);
        context.lineTo (at, top + height - 3);
        context.stroke ();
      }
    }
    if (width > 26) {
      context.fillStyle = palette.text;
      context.fillText (cut (context, areaWord (area), width - 10), x + 5, top + height / 2 + 1);
    }
  }
}

function drawWindow (context, x0, x1, top, height, palette) {
  context.strokeStyle = palette.accent;
  context.lineWidth = 2;
  context.beginPath ();
  context.roundRect (x0, top - 4, Math.max (x1 - x0, 6), height + 8, 4);
  context.stroke ();
}

// The smallest power of two that gives at most `most` parts.
function rulerStep (span, most) {
  let step = 1;

  while (span / step > most)
    step *= 2;

  return step;
}

function tickLabel (lane, position, step, span) {
  const segment = lane.segmentAt (position);

  if (lane.segments.length > 1 || span < 65536)
    return hex (lane.address (position));

  const offset = position - segment.at;
  // In the largest unit of which a step is a quarter or more: two digits are exact then.
  const [size, unit] = UNITS.filter (([bytesOf]) => bytesOf <= Math.max (4 * step, 1) && (bytesOf === 1 || bytesOf <= span)).pop ();
  const figure = offset / size;

  return figure > 99999 ? `+${bytes (offset)}` : `+${figure}${'\u00a0'}${unit}`;
}

// In a lane of several parts their names say more than addresses.
function nameSegments (context, lane, [from, to], left, width, y) {
  const x = position => left + (position - from) / (to - from) * width;

  for (const { at, length, region } of lane.segments) {
    const x0 = Math.max (x (at), left);
    const x1 = Math.min (x (at + length), left + width);

    if (x1 - x0 > 34)
      context.fillText (cut (context, region.label ?? '', x1 - x0 - 6), x0 + 2, y - 11);
  }
}

function drawRuler (context, lane, [from, to], left, width, y, palette) {
  const span = to - from;
  const labels = Math.max (Math.floor (width / (span < 65536 || lane.segments.length > 1 ? 130 : 90)), 1);
  const step = rulerStep (span, labels);
  const x = position => left + (position - from) / span * width;
  let drawnTo = -Infinity;

  context.strokeStyle = palette.dim;
  context.fillStyle = palette.dim;
  context.lineWidth = 1;
  context.font = `12px ${palette.font}`;
  context.textBaseline = 'alphabetic';
  context.beginPath ();
  context.moveTo (left, y + 0.5);
  context.lineTo (left + width, y + 0.5);
  for (let at = Math.ceil (from / step) * step; at <= to; at += step) {
    const px = Math.round (x (at)) + 0.5;

    context.moveTo (px, y - 6);
    context.lineTo (px, y + 6);
    for (let part = 1; part < 4; part++) {
      const small = Math.round (x (at + step * part / 4)) + 0.5;

      if (small < left + width) {
        context.moveTo (small, y - 3);
        context.lineTo (small, y + 3);
      }
    }
  }
  context.stroke ();
  if (lane.segments.filter (({ at, length }) => at < to && at + length > from).length > 1) {
    nameSegments (context, lane, [from, to], left, width, y);
    return;
  }

  for (let at = Math.ceil (from / step) * step; at <= to; at += step) {
    const label = tickLabel (lane, at, step, span);
    const wide = context.measureText (label).width;
    const px = Math.min (Math.max (x (at) - wide / 2, left), left + width - wide);

    if (px > drawnTo + 8) {
      context.fillText (label, px, y - 11);
      drawnTo = px + wide;
    }
  }
}

// Whether a height is that of the ruler, not of the address space.
export const isRuler = y => y > AREAS_TOP + AREAS_HEIGHT + 8;

export function drawTop (map) {
  const { topCanvas, palette, ratio } = map;
  const context = topCanvas.getContext ('2d');
  const lane = map.rulerLane;

  context.setTransform (ratio, 0, 0, ratio, 0, 0);
  context.clearRect (0, 0, topCanvas.width, topCanvas.height);
  drawAreas (context, map.placed, AREAS_TOP, AREAS_HEIGHT, palette);
  if (lane) {
    const [from, to] = map.scale.windowOf (lane);
    const x0 = xOfAddress (map.placed, lane.address (Math.max (from, 0)));
    const x1 = xOfAddress (map.placed, lane.address (Math.max (Math.min (to, lane.length) - 1, 0)));

    if (x0 !== null && x1 !== null) {
      drawWindow (context, x0 - 1, x1 + 1, AREAS_TOP, AREAS_HEIGHT, palette);
      context.strokeStyle = palette.accent;
      context.globalAlpha = 0.55;
      context.lineWidth = 1;
      context.beginPath ();
      context.moveTo (x0 - 1, AREAS_TOP + AREAS_HEIGHT + 5);
      context.lineTo (map.left, RULER - 28);
      context.moveTo (Math.max (x1 + 1, x0 + 5), AREAS_TOP + AREAS_HEIGHT + 5);
      context.lineTo (map.left + map.width, RULER - 28);
      context.stroke ();
      context.globalAlpha = 1;
    }
    drawRuler (context, lane, [from, to], map.left, map.width, RULER, palette);
  }
  drawWords (map, lane);
}

function drawWords (map, lane) {
  const byThread = map.state.lanes === 'thread';
  const [from, to] = lane ? map.scale.windowOf (lane) : [0, 1];
  const note = byThread ? t ('all regions in one line') : map.state.scale === 'fit' ? map.scale.isWhole ? t ('each at full width') : t ('the same part of each')
    : from <= 0 ? t ('first {bytes} of each', { bytes: bytes (to - from) }) : t ('{bytes} of each', { bytes: bytes (to - from) });
  const key = `${byThread} ${note} ${map.above}`;

  if (map.worded === key)
    return;
  map.worded = key;
  replace (map.topWords, h ('div', null, h ('b', null, t ('Address space')), h ('span', { class: 'caption dim' }, t ('gaps folded'))),
           h ('div', null, h ('b', null, byThread ? t ('Threads') : t ('Regions')), h ('span', { class: 'caption dim' }, note)));
}
