// SPDX-License-Identifier: GPL-3.0-or-later
// Drawn on a 16 px grid. Strokes, unless the path is marked as filled.

import { svg } from './dom.js';

const STROKES = {
  overview: 'M2.5 14V9.5M6.2 14V4.5M9.8 14V7.5M13.5 14V2.5',
  search: 'M11 6.7a4.3 4.3 0 1 1-8.6 0 4.3 4.3 0 0 1 8.6 0zM9.9 9.9l4.1 4.1',
  info: 'M8 7.4V12M8 4.3v.5M14.4 8A6.4 6.4 0 1 1 1.600 8a6.400 6.400 0 0 1 12.800 0z',
  light: 'M8 5.2a2.800 2.800 0 1 1 0 5.600 2.800 2.800 0 0 1 0-5.600zM8 1.200v1.500M8 13.300v1.500M1.200 8h1.500M13.300 8h1.500M3.200 3.200l1 1M11.800 11.800l1 1M12.800 3.200l-1 1M4.200 11.800l-1 1',
  dark: 'M13.600 9.800A6 6 0 0 1 6.200 2.400a6 6 0 1 0 7.400 7.400z',
  auto: 'M8 2.200a5.800 5.800 0 1 1 0 11.600A5.800 5.800 0 0 1 8 2.200zM8 2.200v11.600M10 4v8M12 5.500v5',
  close: 'M4.300 4.300l7.400 7.400M11.700 4.300l-7.400 7.400',
  back: 'M10 3 5 8l5 5',
  next: 'M6 3l5 5-5 5',
  down: 'M3.500 6 8 10.500 12.500 6',
  up: 'M3.500 10 8 5.500l4.500 4.500',
  sort: 'M4 2.500v11M1.500 11 4 13.500 6.500 11M9 4h5.500M9 8h4M9 12h2.500',
  table: 'M1.900 2.900h12.200v10.200H1.900zM2 6.500h12M2 9.800h12M6.500 3v10',
  diagnostics: 'M1.500 8.500h3L6.500 3l3.500 10 2-5.500h2.500',
  critical: 'M5.300 1.800h5.400l3.500 3.500v5.400l-3.500 3.500H5.300L1.800 10.700V5.300zM8 4.700v3.800M8 11v.3',
  mute: 'M2 6.200v3.600h2.200L7.500 12.500v-9L4.200 6.200zM10.500 6.300l3.400 3.400M13.900 6.300l-3.400 3.400',
  sound: 'M2 6.200v3.600h2.200L7.500 12.500v-9L4.200 6.200zM10.300 5.500a3.500 3.500 0 0 1 0 5M12.300 3.500a6.300 6.300 0 0 1 0 9',
  warning: 'M8 2 14.600 13.600H1.400zM8 6.500v3.200M8 11.600v.3',
  check: 'M2.500 8.500 6 12l7.500-8',
  clock: 'M14.400 8A6.400 6.400 0 1 1 1.600 8a6.400 6.400 0 0 1 12.800 0zM8 4.200v4l2.600 1.500',
  zoomIn: 'M11 6.700a4.300 4.300 0 1 1-8.600 0 4.300 4.300 0 0 1 8.600 0zM9.900 9.900l4.100 4.100M4.700 6.700h4M6.700 4.700v4',
  pause: 'M5.500 3.500v9M10.500 3.500v9',
  zoomFit: 'M2.500 5.500v-3h3M13.500 5.500v-3h-3M2.500 10.500v3h3M13.500 10.500v3h-3M5.500 8h5',
  sameScale: 'M2 4.500h12M2 8h7M2 11.500h4M2 3v10',
  map: 'M1.900 3.900h3.200v2.200H1.900zM6.900 3.900h7.200v2.200H6.900zM1.900 9.900h6.200v2.200H1.900zM10.100 9.900h4v2.200h-4z',
  zoomOut: 'M11 6.700a4.300 4.300 0 1 1-8.600 0 4.300 4.300 0 0 1 8.600 0zM9.900 9.900l4.100 4.100M4.700 6.700h4',
  copy: 'M5.500 5.500h8v8h-8zM3 10.500H2.500v-8h8V3',
  birth: 'M8 3v10M3 8h10',
  grow: 'M3 13 13 3M7 3h6v6',
  death: 'M4.500 4.500l7 7M11.500 4.500l-7 7',
  handover: 'M2 5h11M10 2l3 3-3 3M14 11H3M6 8l-3 3 3 3',
  alive: 'M2 8h9M8 4.500 11.500 8 8 11.500M14 3v10',
  cpu: 'M4.500 4.500h7v7h-7zM6 4.500v-3M10 4.500v-3M6 14.500v-3M10 14.500v-3M4.500 6h-3M4.500 10h-3M14.500 6h-3M14.500 10h-3',
  io: 'M4.500 13V3M2 5.500 4.500 3 7 5.500M11.500 3v10M9 10.500l2.500 2.500 2.500-2.500',
  memory: 'M1.900 4.900h12.200v6.200H1.900zM5 5v3M8 5v3M11 5v3',
  async: 'M13.500 6A6 6 0 0 0 3 4.500M2.500 2v3h3M2.500 10A6 6 0 0 0 13 11.500M13.500 14v-3h-3',
  mixed: 'M2 5h4l4 6h4M2 11h4l1-1.500M9 6.500 10 5h4',
  hint: 'M6 12.500h4M6.500 14.700h3M8 1.300a4.600 4.600 0 0 0-2.700 8.200v1.500h5.400V9.500A4.600 4.600 0 0 0 8 1.300z',
  keys: 'M1.900 3.900h12.200v8.200H1.900zM4 6.500h.500M6.700 6.500h.500M9.400 6.500h.500M12 6.500h.2M5 9.500h6',
};

const FILLS = {
  play: 'M4.500 2.600v10.800L13 8z',
  calls: 'M1 12h14v3H1zM1 8h9v3H1zM11 8h4v3h-4zM1 4h6v3H1zM8 4h2v3H8zM2 1h3v2H2z',
  both: 'M1 1h14v2H1zM1 4h9v2H1zM11 4h4v2h-4zM1 8h4v3H1zM6 8h9v3H6zM1 12h4v3H1zM6 12h9v3H6z',
  flames: 'M1 12h14v2.500H1zM1 8.500h9V11H1zM3 5h4v2.500H3zM4 1.500h2V4H4zM11.500 8.500H14V11h-2.500z',
  variables: 'M2.500 1.500h3.500a1 1 0 0 1 1 1V6a1 1 0 0 1-1 1H2.500a1 1 0 0 1-1-1V2.500a1 1 0 0 1 1-1zM10 1.500h3.500a1 1 0 0 1 1 1V6a1 1 0 0 1-1 1H10a1 1 0 0 1-1-1V2.500a1 1 0 0 1 1-1zM2.500 9h3.500a1 1 0 0 1 1 1v3.500a1 1 0 0 1-1 1H2.500a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1zM10 9h3.500a1 1 0 0 1 1 1v3.500a1 1 0 0 1-1 1H10a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1z',
};

export function icon (name, size = 16) {
  const filled = FILLS[name];

  return svg ('svg', { class: 'icon', width: size, height: size, viewBox: '0 0 16 16', 'aria-hidden': 'true', focusable: 'false' },
              svg ('path', filled
                ? { d: filled, fill: 'currentColor' }
                : { d: STROKES[name], fill: 'none', stroke: 'currentColor', 'stroke-width': 1.7, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }));
}

// Shape as well as colour: a disc with an arrow, a ring with a dot, two rings, a struck dashed ring.
export function stageIcon (stage, size = 14) {
  const ring = (cx, r, extra) => svg ('circle', { cx, cy: 8, r, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8, ...extra });
  const parts = {
    active: () => [svg ('circle', { cx: 8, cy: 8, r: 6.7, fill: 'currentColor' }),
                   svg ('path', { d: 'M6.300 4.900v6.200L11.300 8z', class: 'stage-cut' })],
    allocated: () => [ring (8, 5.7), svg ('circle', { cx: 8, cy: 8, r: 2, fill: 'currentColor' })],
    shared: () => [ring (5.6, 4.1), ring (10.4, 4.1)],
    freed: () => [ring (8, 5.7, { 'stroke-dasharray': '2.6 2' }), svg ('path', { d: 'M5 11 11 5', stroke: 'currentColor', 'stroke-width': 1.7 })],
  };

  return svg ('svg', { class: 'icon', width: size, height: size, viewBox: '0 0 16 16', 'aria-hidden': 'true' }, parts[stage] ());
}
