// SPDX-License-Identifier: GPL-3.0-or-later
// What lies over the lanes: the selected block, marks, the band of a drag, the cursor.

import { hex } from './map-data.js';

function outlineLane (map, context) {
  const k = map.lanes.indexOf (map.lane);
  const place = map.laneTops[k];

  if (!place)
    return;
  context.strokeStyle = map.palette.accent;
  context.lineWidth = document.activeElement === map.field ? 2 : 1.2;
  context.beginPath ();
  context.roundRect (map.left - 2, place.strip - 3 - map.field.scrollTop, map.width + 4, place.bottom - place.strip + 6, 5);
  context.stroke ();
}

function outlineBlock (map, context, i, line, colour) {
  const k = map.lanes.findIndex (lane => lane.numberOf (i) >= 0);

  if (k < 0)
    return;

  const lane = map.lanes[k];
  const place = map.laneTops[k];
  const [from, to] = map.scale.windowOf (lane);
  const number = lane.numberOf (i);
  const x0 = map.left + (lane.position[number] - from) / (to - from) * map.width;
  const x1 = map.left + (lane.end (number) - from) / (to - from) * map.width;
  const left = Math.max (x0, map.left) - 1;
  const right = Math.min (Math.max (x1, x0 + 2), map.left + map.width) + 1;

  if (right <= map.left || left >= map.left + map.width)
    return;

  const y = place.strip - 1 - map.field.scrollTop;

  // Marks of many: a bar above each, that leaves what it marks to be seen.
  if (line === 0) {
    context.fillStyle = colour;
    context.fillRect (left, y - 4, Math.max (right - left, 3), 4);
    context.fillRect (left, y + place.height + 2, Math.max (right - left, 3), 3);
    return;
  }

  // Around a narrow block there is room for it.
  const spare = right - left < 9 ? 2.5 : 0;

  context.lineWidth = spare ? Math.min (line, 2) : line;
  context.strokeStyle = colour;
  context.beginPath ();
  context.roundRect (left - spare, y - spare, Math.max (right - left, 3) + 2 * spare, place.height + 2 + 2 * spare, 3);
  context.stroke ();
  if (line > 2 && right - left > 12) {
    context.lineWidth = 1.5;
    context.strokeStyle = map.palette.ground;
    context.beginPath ();
    context.roundRect (left + 2.2, place.strip + 1.2 - map.field.scrollTop, right - left - 4.4, place.height - 2.4, 2);
    context.stroke ();
  }
}

function drawCursor (map, context) {
  const { pointer, bubble } = map;
  const lane = pointer && pointer.x >= map.left && pointer.x <= map.left + map.width ? map.laneAt (pointer.y) ?? map.rulerLane : null;

  if (!lane) {
    bubble.hidden = true;
    return;
  }

  const [from, to] = map.scale.windowOf (lane);
  const position = from + (pointer.x - map.left) / map.width * (to - from);

  context.strokeStyle = map.palette.dim;
  context.lineWidth = 1;
  context.setLineDash ([2, 3]);
  context.beginPath ();
  context.moveTo (Math.round (pointer.x) + 0.5, 0);
  context.lineTo (Math.round (pointer.x) + 0.5, map.field.clientHeight);
  context.stroke ();
  context.setLineDash ([]);
  bubble.hidden = position > lane.length;
  bubble.textContent = hex (lane.address (position));

  const half = bubble.offsetWidth / 2;

  bubble.style.setProperty ('left', `${Math.min (Math.max (pointer.x, half + 4), map.field.clientWidth - half - 4)}px`);
}

export function drawOver (map) {
  const { over, ratio, palette, field } = map;
  const context = over.getContext ('2d');

  context.setTransform (ratio, 0, 0, ratio, 0, 0);
  context.clearRect (0, 0, over.width / ratio, over.height / ratio);
  if (map.lane)
    outlineLane (map, context);
  for (const i of map.marks)
    outlineBlock (map, context, i, 0, palette.accent);
  if (map.selected >= 0)
    outlineBlock (map, context, map.selected, 3, palette.ring);
  if (map.hovered !== undefined && map.hovered >= 0 && map.hovered !== map.selected)
    outlineBlock (map, context, map.hovered, 1.5, palette.ring);
  if (map.band) {
    context.fillStyle = palette.accent;
    context.globalAlpha = 0.2;
    context.fillRect (map.band[0], 0, map.band[1] - map.band[0], field.clientHeight);
    context.globalAlpha = 1;
  }
  drawCursor (map, context);
}
