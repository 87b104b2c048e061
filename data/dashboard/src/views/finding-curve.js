// SPDX-License-Identifier: GPL-3.0-or-later
// The evidence of a finding over time, its trend, and the same as a table.

import { area, line } from 'd3-shape';

import { h, svg } from '../dom.js';
import { bytes, count, digitsFor, moment } from '../format.js';
import { t } from '../i18n.js';
import { table } from './charts.js';

const WIDTH = 600;
const HEIGHT = 130;
const TABLE_LINES = 20;

// Twice the least of some steps × a power of two: both grid lines carry round sizes.
function roundScale (highest) {
  const half = Math.max (highest, 2) / 2;
  const power = 2 ** Math.floor (Math.log2 (half));

  return 2 * power * [1, 1.25, 1.5, 1.75, 2].find (step => power * step >= half);
}

const words = (finding, value) => finding.pointsAreBirths ? count (Math.round (value)) : bytes (value);

export function curve (finding) {
  const { points, pointsBegin: begin, pointsEnd: end, trend } = finding;
  const highest = roundScale (Math.max (...points, trend?.last ?? 0));
  const x = time => (time - begin) / Math.max (end - begin, 1) * WIDTH;
  const y = value => HEIGHT - Math.min (Math.max (value / highest, 0), 1) * HEIGHT;
  const at = i => (i + 1) / points.length * WIDTH;
  const most = points.reduce ((best, value, i) => value > points[best] ? i : best, 0);
  const digits = digitsFor (end - begin);
  const label = finding.pointsAreBirths
    ? t ('Allocations over time: at most {high}, at {when}', { high: words (finding, points[most]), when: moment (begin + at (most) / WIDTH * (end - begin), digits) })
    : t ('Live bytes over time: at most {high}, at {when}; {last} at the end', { high: words (finding, points[most]), when: moment (begin + at (most) / WIDTH * (end - begin), digits), last: words (finding, points[points.length - 1]) });
  const drawing = finding.pointsAreBirths
    ? points.map ((value, i) => svg ('rect', { class: 'curve-bar', x: i / points.length * WIDTH, y: y (value), width: WIDTH / points.length - 1, height: HEIGHT - y (value) }))
    : [svg ('path', { class: 'curve-area', d: area ().x ((_, i) => at (i)).y0 (HEIGHT).y1 (y) (points) }),
       svg ('path', { class: 'curve-line', d: line ().x ((_, i) => at (i)).y (y) (points), 'vector-effect': 'non-scaling-stroke' })];

  return h ('figure', { class: 'curve' },
            h ('div', { class: 'curve-scale caption dim', 'aria-hidden': 'true' }, [highest, highest / 2, 0].map (value => h ('span', null, words (finding, value)))),
            h ('div', { class: 'curve-plot' },
               svg ('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
                    svg ('path', { class: 'grid-line', d: `M0 .5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}`, 'vector-effect': 'non-scaling-stroke' }),
                    drawing,
                    trend ? svg ('path', { class: 'curve-trend', d: `M${x (trend.begin)} ${y (trend.first)}L${x (trend.end)} ${y (trend.last)}`, 'vector-effect': 'non-scaling-stroke' }) : null),
               h ('div', { class: 'axis-labels', 'aria-hidden': 'true' }, [0, 1, 2, 3].map (k => h ('span', null, moment (begin + (end - begin) * k / 3, digits))))));
}

export function curveTable (finding, title) {
  const { points, pointsBegin: begin, pointsEnd: end } = finding;
  const step = Math.max (Math.floor (points.length / TABLE_LINES), 1);
  const lines = [];

  // Births of several parts are added up, a stock is what it is at the end of them.
  for (let i = step - 1; i < points.length; i += step) {
    const value = finding.pointsAreBirths ? points.slice (i - step + 1, i + 1).reduce ((sum, births) => sum + births, 0) : points[i];

    lines.push ([moment (begin + (end - begin) * (i + 1) / points.length, digitsFor (end - begin)), words (finding, value)]);
  }

  return table ([[t ('Time'), true], [finding.pointsAreBirths ? t ('Allocations') : t ('Live bytes'), true]], lines, title);
}
