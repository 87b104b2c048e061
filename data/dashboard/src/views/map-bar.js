// SPDX-License-Identifier: GPL-3.0-or-later
// Above the map: where one is, and the choices.

import { h, replace } from '../dom.js';
import { bytes } from '../format.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { MODES, modeWord } from './map-colours.js';
import { hex } from './map-data.js';
import { kindWord } from './map-lanes.js';

export function drawBar (map) {
  const { state } = map;
  const linked = (key, label, choices) => h ('div', { class: `linked map-${key}`, role: 'group', 'aria-label': label }, choices.map (([value, words]) =>
    h ('button', { type: 'button', 'data-value': value, 'aria-pressed': String (state[key] === value), onclick: () => map.change ({ [key]: value }) }, words)));
  const tool = (name, words, picture, action, pressed) => h ('button', { class: `flat icon-only map-${name}`, type: 'button', title: words, 'aria-label': words,
    'aria-pressed': pressed === undefined ? null : String (pressed), onclick: action }, icon (picture));
  const focused = map.bar.contains (document.activeElement) ? document.activeElement.dataset.value ?? [...document.activeElement.classList].find (name => name.startsWith ('map-')) : null;

  replace (map.bar, map.crumbs, h ('span', { class: 'space' }),
           h ('span', { class: 'map-choice' }, h ('span', { class: 'caption dim' }, t ('Lanes')), linked ('lanes', t ('Lanes'), [['region', t ('Region')], ['thread', t ('Thread')]])),
           h ('span', { class: 'map-choice map-choice-colour' }, h ('span', { class: 'caption dim' }, t ('Colour by')), linked ('colour', t ('Colour by'), MODES.map (mode => [mode, modeWord (mode)]))),
           h ('span', { class: 'map-tools' },
              tool ('goto', t ('Go to an address'), 'search', () => map.askAddress ()),
              tool ('same', t ('One scale for all lanes'), 'sameScale', () => map.change ({ scale: state.scale === 'same' ? 'fit' : 'same' }), state.scale === 'same'),
              tool ('out', t ('Zoom out'), 'zoomOut', () => map.zoomBy (1 / 1.6)), tool ('in', t ('Zoom in'), 'zoomIn', () => map.zoomBy (1.6)),
              tool ('fit', t ('All memory'), 'zoomFit', () => map.fit ()),
              tool ('twin', t ('Show as a table'), 'table', () => map.change ({ table: !state.table }), state.table),
              tool ('side-toggle', t ('Legend'), 'hint', () => map.change ({ side: !map.isSideOpen }), map.isSideOpen)));
  if (focused)
    (map.bar.querySelector (`[data-value="${focused}"]`) ?? map.bar.querySelector (`.${focused}`))?.focus ();
}

export function drawCrumbs (map) {
  const { lane, scale } = map;
  const crumb = (words, action, current) => action
    ? h ('button', { class: 'flat small map-crumb', type: 'button', onclick: action }, words)
    : h ('span', { class: current ? 'map-crumb map-crumb-here' : 'map-crumb' }, words);
  const next = () => icon ('next', 12);
  const parts = [crumb (t ('All memory'), lane || !scale.isWhole ? () => map.goOut () : null, !lane)];

  if (lane) {
    const [from, to] = scale.windowOf (lane);
    const shown = Math.min (to, lane.length) - Math.max (from, 0);

    if (lane.kind !== 'thread')
      parts.push (next (), crumb (kindWord (lane.kind), () => {
        scale.whole ();
        map.moved ();
      }));
    parts.push (next (), crumb ([h ('code', null, lane.kind === 'thread' ? lane.label.slice (0, 60) : hex (lane.address (Math.max (from, 0)))), ' ', h ('span', { class: 'dim' }, shown > 0 ? `+ ${bytes (shown)}` : '')], null, true));
  }
  replace (map.crumbs, parts);
}
