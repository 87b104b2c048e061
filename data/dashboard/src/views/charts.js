// SPDX-License-Identifier: GPL-3.0-or-later
// Small drawings, and the table that says the same.

import { area, line } from 'd3-shape';

import { h, newId, replace, svg } from '../dom.js';
import { count } from '../format.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';

// Values 0 … 255; the colour is that of the element it stands in.
export function sparkline (values, width = 110, height = 26) {
  const x = i => 1 + i / (values.length - 1) * (width - 2);
  const y = value => height - 1.5 - value / 255 * (height - 4);
  const fill = area ().x ((_, i) => x (i)).y0 (height - 1).y1 (y);
  const edge = line ().x ((_, i) => x (i)).y (y);

  return svg ('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
              svg ('path', { class: 'spark-area', d: fill (values) }),
              svg ('path', { class: 'spark-line', d: edge (values), 'vector-effect': 'non-scaling-stroke' }));
}

// Bars over labelled bins; `marked` is drawn strong, `pin` names one bin.
export function histogram ({ values, labels, marked, pin, title, height = 96 }) {
  const width = 10 * values.length;
  const highest = Math.max (...values, 1);
  const bars = values.map ((value, i) => {
    const tall = value > 0 ? Math.max (value / highest * (height - 4), 1.5) : 0;

    return svg ('rect', { class: i === marked ? 'bar-strong' : 'bar', x: i * 10 + 0.8, y: height - tall, width: 8.4, height: tall, rx: 1 },
                svg ('title', null, `${labels[i]}: ${count (value)}`));
  });

  return h ('figure', { class: 'histogram' },
            svg ('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': title, style: { height: `${height}px` } },
                 svg ('path', { class: 'grid-line', d: `M0 ${height / 2}H${width}` }), bars,
                 pin === undefined ? null
                   : svg ('path', { class: 'pin', d: `M${pin * 10 + 5} 0V${height}`, 'vector-effect': 'non-scaling-stroke' })),
            h ('div', { class: 'axis-labels', 'aria-hidden': 'true' }, axisLabels (labels)));
}

function axisLabels (labels) {
  const n = labels.length;
  const shown = n < 4 ? [0, n - 1] : [0, Math.round ((n - 1) / 3), Math.round (2 * (n - 1) / 3), n - 1];

  return shown.map (i => h ('span', null, labels[i]));
}

export function meter (share, colour) {
  return h ('div', { class: 'meter', 'aria-hidden': 'true' },
            h ('i', { style: { width: `${Math.min (Math.max (share, 0), 1) * 100}%`, background: colour } }));
}

// A ring with a share filled.
export function ring (share) {
  const around = 2 * Math.PI * 9;

  return svg ('svg', { class: 'ring', width: 26, height: 26, viewBox: '0 0 26 26', 'aria-hidden': 'true' },
              svg ('circle', { cx: 13, cy: 13, r: 9, class: 'ring-rest' }),
              svg ('circle', { cx: 13, cy: 13, r: 9, class: 'ring-share', transform: 'rotate(-90 13 13)',
                               'stroke-dasharray': `${share * around} ${around}` }));
}

export function table (columns, lines, caption) {
  return h ('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': caption },
            h ('table', null, h ('caption', { class: 'unseen' }, caption),
               h ('thead', null, h ('tr', null, columns.map (([name, figures]) => h ('th', { scope: 'col', class: figures ? 'num' : null }, name)))),
               h ('tbody', null, lines.map (cells => h ('tr', null, cells.map ((cell, i) => h ('td', { class: columns[i][1] ? 'num' : null }, cell)))))));
}

// A card with a heading, and a button that shows the same as a table.
export function panel ({ title, note, extra, className, draw, twin }) {
  const id = newId ('panel');
  const body = h ('div', { class: 'panel-body' });
  let asTable = false;
  const show = () => replace (body, asTable ? twin () : draw ());
  const toggle = twin && h ('button', {
    class: 'flat small icon-only', type: 'button', 'aria-pressed': 'false', title: t ('Show as a table'), 'aria-label': `${title}: ${t ('Show as a table')}`,
    onclick: () => {
      asTable = !asTable;
      toggle.setAttribute ('aria-pressed', String (asTable));
      show ();
    },
  }, icon ('table'));

  show ();

  return h ('section', { class: `panel ${className ?? ''}`, 'aria-labelledby': id },
            h ('div', { class: 'panel-head' }, h ('h2', { id }, title), note ? h ('span', { class: 'dim caption' }, note) : null,
               h ('span', { class: 'space' }), extra ?? null, toggle ?? null),
            body);
}
