// SPDX-License-Identifier: GPL-3.0-or-later

import { ticks } from 'd3-array';

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

// Moments at round seconds, at most `most` of them.
export function timeTicks (begin, end, most) {
  const seconds = (end - begin) / 1e9;

  if (!(seconds > 0) || most < 1)
    return [];
  if (seconds / most < 1)
    return ticks (begin / 1e9, end / 1e9, Math.max (most - 1, 1)).map (second => second * 1e9);

  const step = (STEPS.find (s => seconds / s <= most) ?? 86400 * Math.ceil (seconds / 86400 / most)) * 1e9;
  const found = [];

  for (let at = Math.ceil (begin / step) * step; at <= end; at += step)
    found.push (at);

  return found;
}

// Round amounts in the unit that fits the highest.
export function byteTicks (highest, most) {
  const unit = 1024 ** Math.max (0, Math.floor (Math.log (Math.max (highest, 1)) / Math.log (1024)));

  return ticks (0, highest / unit, most).map (value => value * unit).filter (value => value === Math.floor (value));
}
