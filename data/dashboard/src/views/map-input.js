// SPDX-License-Identifier: GPL-3.0-or-later
// Pointer, wheel and keys over the drawing of the map.

import { MODES } from './map-colours.js';

const DRAG = 4;
const ZOOM = 1.6;

export function listenToMap (map) {
  const { field, top } = map;
  const pointers = new Map ();
  let pinch = null;

  const place = event => {
    const box = field.getBoundingClientRect ();

    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  field.addEventListener ('pointermove', event => {
    if (!map.dragging)
      map.point (place (event));
  });
  field.addEventListener ('pointerleave', () => map.point (null));
  field.addEventListener ('dblclick', event => {
    const i = map.blockAt (place (event));

    if (i >= 0)
      map.inspect (i);
  });

  field.addEventListener ('wheel', event => {
    const at = place (event);

    if (at.x < map.left || event.shiftKey || event.altKey)
      return;   // scrolls the lanes
    event.preventDefault ();
    if (Math.abs (event.deltaX) > Math.abs (event.deltaY))
      map.pan (event.deltaX / Math.max (map.width, 1));
    else
      map.zoomAt (Math.exp (-event.deltaY * (event.deltaMode === 1 ? 30 : 1) * (event.ctrlKey ? 0.01 : 0.0022)), (at.x - map.left) / Math.max (map.width, 1), map.laneAt (at.y));
  }, { passive: false });

  field.addEventListener ('pointerdown', event => {
    const start = place (event);
    const lane = map.laneAt (start.y);

    pointers.set (event.pointerId, start);
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values ()];

      pinch = { distance: Math.max (Math.abs (a.x - b.x), 8) };
    }
    if (event.button !== 0 || start.x < map.left || pointers.size > 1)
      return;

    let last = start;
    let moved = false;
    const band = event.shiftKey;
    const move = next => {
      const at = place (next);

      if (next.pointerId !== event.pointerId || pinch)
        return;
      moved ||= Math.abs (at.x - start.x) >= DRAG;
      if (!moved)
        return;
      map.dragging = true;
      if (band)
        map.showBand (start.x, at.x);
      else
        map.pan ((last.x - at.x) / Math.max (map.width, 1));
      last = at;
    };
    const stop = next => {
      if (next.pointerId !== event.pointerId)
        return;
      field.removeEventListener ('pointermove', move);
      field.removeEventListener ('pointerup', stop);
      field.removeEventListener ('pointercancel', stop);
      map.dragging = false;
      map.showBand (null);
      if (moved && band)
        map.zoomToBand (start.x, last.x, lane);
      else if (!moved && next.type === 'pointerup')
        map.click (start);
    };

    field.setPointerCapture (event.pointerId);
    field.addEventListener ('pointermove', move);
    field.addEventListener ('pointerup', stop);
    field.addEventListener ('pointercancel', stop);
  });

  field.addEventListener ('pointermove', event => {
    if (!pinch || !pointers.has (event.pointerId))
      return;
    pointers.set (event.pointerId, place (event));

    const [a, b] = [...pointers.values ()];
    const distance = Math.max (Math.abs (a.x - b.x), 8);

    map.zoomAt (distance / pinch.distance, ((a.x + b.x) / 2 - map.left) / Math.max (map.width, 1), map.laneAt (a.y));
    pinch.distance = distance;
  });
  for (const name of ['pointerup', 'pointercancel'])
    field.addEventListener (name, event => {
      pointers.delete (event.pointerId);
      if (pointers.size < 2)
        pinch = null;
    });

  // The address space and the ruler: a press moves there, a drag along the ruler zooms.
  top.addEventListener ('pointerdown', event => {
    const box = top.getBoundingClientRect ();
    const at = { x: event.clientX - box.left, y: event.clientY - box.top };

    if (event.button !== 0)
      return;
    top.setPointerCapture (event.pointerId);

    const onRuler = map.isRuler (at.y);
    let x = at.x;
    const move = next => {
      x = next.clientX - box.left;
      if (onRuler)
        map.showBand (at.x, x);
      else
        map.goToX (x);
    };
    const stop = () => {
      top.removeEventListener ('pointermove', move);
      top.removeEventListener ('pointerup', stop);
      top.removeEventListener ('pointercancel', stop);
      map.showBand (null);
      if (onRuler && Math.abs (x - at.x) >= DRAG)
        map.zoomToBand (at.x, x, map.lane ?? map.lanes[0]);
    };

    if (!onRuler)
      map.goToX (at.x);
    top.addEventListener ('pointermove', move);
    top.addEventListener ('pointerup', stop);
    top.addEventListener ('pointercancel', stop);
  });

  const keys = {
    ArrowRight: event => event.shiftKey ? map.pan (0.2) : map.step (1),
    ArrowLeft: event => event.shiftKey ? map.pan (-0.2) : map.step (-1),
    ArrowDown: () => map.stepLane (1),
    ArrowUp: () => map.stepLane (-1),
    Home: () => map.stepTo (0),
    End: () => map.stepTo (Infinity),
    PageDown: () => map.pan (0.8),
    PageUp: () => map.pan (-0.8),
    '+': () => map.zoomBy (ZOOM),
    '=': () => map.zoomBy (ZOOM),
    '-': () => map.zoomBy (1 / ZOOM),
    f: () => map.fit (),
    z: () => map.zoomToSelected (),
    c: () => map.change ({ colour: MODES[(MODES.indexOf (map.state.colour) + 1) % MODES.length] }),
    Enter: () => map.enter (),
    g: () => map.askAddress (),
    Escape: () => map.escape (),
  };

  field.addEventListener ('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn (keys, event.key))
      return;
    // Escape with nothing left to undo is for whoever holds the map.
    if (keys[event.key] (event) === false)
      return;
    event.preventDefault ();
    event.stopPropagation ();
  });
}
