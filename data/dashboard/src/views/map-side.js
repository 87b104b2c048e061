// SPDX-License-Identifier: GPL-3.0-or-later
// Beside the map: what the colours mean, how full the pages are, what keeps memory
// from being returned, and where most is allocated.

import { h, replace } from '../dom.js';
import { bytes, count, percent } from '../format.js';
import { n, t } from '../i18n.js';
import { icon, stageIcon } from '../icons.js';
import { hex } from './map-data.js';
import { MODES, modeTitle, modeWord } from './map-colours.js';
import { canFragment, laneFigures } from './map-lanes.js';

const HOT = 6;

function swatch (entry) {
  const mark = h ('span', { class: 'map-swatch' }, entry.stage ? stageIcon (entry.stage, 12) : entry.letter);

  mark.style.setProperty ('--swatch', `var(${entry.colour})`);
  mark.style.setProperty ('color', `var(${entry.colour}-ink, #000)`);

  return mark;
}

function legendLine (mark, label, figure, title) {
  return h ('li', { class: 'map-legend-line', title }, mark, h ('span', { class: 'name' }, label), h ('span', { class: 'num' }, figure));
}

// Chosen, a class is the only one in colour.
function legendChoice (map, entry) {
  return h ('li', null, h ('button', { class: 'map-legend-line map-legend-choice', type: 'button', 'aria-pressed': String (map.only === entry.category), title: entry.label.slice (0, 2000),
                                       onclick: () => {
                                         map.showOnly (entry.category);
                                         map.side.element.querySelector ('.map-legend-choice[aria-pressed="true"]')?.focus ();
                                       } }, swatch (entry), h ('span', { class: 'name' }, entry.label.slice (0, 200)), h ('span', { class: 'num' }, bytes (entry.bytes))));
}

// The regions whose end is held by few blocks: the costly ones first.
export function pinned (data) {
  return data.regions.filter (region => region.pins > 0).sort ((a, b) => b.pinBytes - a.pinBytes);
}

function namesOfPins (data, names, region) {
  const counts = new Map ();

  for (let k = 1; k <= region.pins; k++) {
    const { name } = names.variable (data.variable[region.first + region.blocks - k]);

    counts.set (name, (counts.get (name) ?? 0) + 1);
  }

  return [...counts].sort ((a, b) => b[1] - a[1]);
}

export class Side {
  constructor (map) {
    this.map = map;
    this.element = h ('aside', { class: 'map-side', 'aria-label': t ('Legend and findings') });
  }

  draw () {
    const { map } = this;
    const { data, legend } = map;

    replace (this.element, data === null || data.n === 0 ? [] : [this.newLegend (legend), this.newHeat (), data.sampled ? this.newSampled () : this.newFragmentation (), this.newHotPages ()]);
  }

  newLegend (legend) {
    const { map } = this;
    const { data } = map;
    const holes = map.state.lanes === 'region' ? data.regions.reduce ((sum, region) => sum + (region.holeBytes ?? 0), 0) : null;
    const left = data.n - data.selected;

    return h ('section', { class: 'map-section' },
              h ('div', { class: 'map-legend-head' }, h ('h2', null, modeTitle (legend.mode)),
                 h ('label', { class: 'select map-mode-select' }, h ('select', { 'aria-label': t ('Colour by'), onchange: event => map.change ({ colour: event.target.value }) },
                   MODES.map (mode => h ('option', { value: mode, selected: mode === legend.mode }, modeWord (mode)))))),
              h ('p', { class: 'caption dim' }, ['thread', 'variable', 'type'].includes (legend.mode) ? t ('live bytes · the letter repeats in wide blocks') : t ('live bytes')),
              h ('ul', { class: 'map-legend' },
                 legend.entries.map (entry => legendChoice (map, entry)),
                 holes === null || data.sampled ? null : legendLine (h ('span', { class: 'map-swatch map-swatch-hole' }), t ('hole (free)'), bytes (holes), t ('Gaps of {bytes} and more between the blocks of a region', { bytes: bytes (32) })),
                 left > 0 ? legendLine (h ('span', { class: 'map-swatch map-swatch-left' }), t ('left out by the filters'), n ('{n} block', '{n} blocks', left), null) : null));
  }

  newHeat () {
    const { map } = this;
    const byBlocks = map.state.heat === 'blocks';
    const choose = (heat, words) => h ('button', { type: 'button', 'aria-pressed': String (map.state.heat === heat), onclick: () => map.change ({ heat }) }, words);

    return h ('section', { class: 'map-section' },
              h ('div', { class: 'map-legend-head' }, h ('h2', null, byBlocks ? t ('Blocks per page') : t ('Page occupancy')),
                 h ('div', { class: 'linked map-heat-choice', role: 'group', 'aria-label': t ('The strip below a lane shows') }, choose ('bytes', t ('Bytes')), choose ('blocks', t ('Blocks')))),
              h ('div', { class: 'map-ramp', 'aria-hidden': 'true' }),
              h ('div', { class: 'map-ramp-words caption dim' }, byBlocks ? [h ('span', null, t ('none')), h ('span', null, n ('{n} block', '{n} blocks', map.most))]
                : [h ('span', null, t ('empty')), h ('span', null, t ('half')), h ('span', null, t ('full'))]));
  }

  newSampled () {
    return h ('section', { class: 'map-note' }, h ('h3', null, icon ('info'), t ('Sampled blocks only')),
              h ('p', null, t ('Between them lie blocks that were not recorded: holes, full pages and fragmentation can’t be told.')));
  }

  // The chosen lane, else the one with most in holes.
  tellingLane () {
    const { lane, lanes } = this.map;

    if (lane && lane.kind !== 'thread')
      return lane;

    const holes = candidate => canFragment (candidate.kind) ? laneFigures (candidate).holes ?? -1 : -1;

    return lanes.reduce ((best, candidate) => holes (candidate) > (best ? holes (best) : 0) ? candidate : best, null);
  }

  newFragmentation () {
    const { map } = this;
    const { data, names } = map;
    const lane = this.tellingLane ();
    const regions = lane ? lane.regions : [];
    const figures = lane ? laneFigures (lane) : null;
    const region = regions.find (candidate => candidate.pins > 0) ?? pinned (data)[0];
    const parts = [];

    if (figures)
      parts.push (h ('section', { class: 'map-note' },
                     h ('h3', null, figures.fragmentation >= 0.3 && canFragment (lane.kind) ? icon ('warning') : null, t ('Fragmentation {share} %', { share: percent (figures.fragmentation) })),
                     h ('p', null, figures.holes > 0 ? t ('{lane}: {free} of {all} are holes, the largest {largest}.', { lane: lane.label.slice (0, 200), free: bytes (figures.holes), all: bytes (figures.length),
                       largest: bytes (Math.max (...lane.regions.map (part => part.largestHole))) }) : t ('{lane}: no holes.', { lane: lane.label.slice (0, 200) })),
                     figures.sparse > 0 ? h ('p', { class: 'dim' }, t ('Pages less than a quarter full: {bytes}.', { bytes: bytes (figures.sparse) })) : null));

    if (region) {
      const pins = namesOfPins (data, names, region);
      const first = pins[0][0] || t ('(no name recorded)');

      parts.push (h ('section', { class: 'map-note' }, h ('h3', null, icon ('warning'), t ('What holds the end')),
                     h ('p', null, n ('In {lane}, {n} block keeps {bytes} at the end from being returned.', 'In {lane}, {n} blocks keep {bytes} at the end from being returned.', region.pins,
                                      { lane: region.label.slice (0, 200), bytes: bytes (region.pinBytes) })),
                     h ('p', null, h ('code', { class: 'name map-pin-name' }, first.slice (0, 200)), pins.length > 1 ? h ('span', { class: 'dim' }, ' ', n ('and {n} other variable', 'and {n} other variables', pins.length - 1)) : null),
                     h ('button', { class: 'small', type: 'button', onclick: () => map.showPins (region) }, n ('Show it', 'Show the {n}', region.pins)),
                     h ('p', { class: 'caption dim' }, t ('Without them the allocator could give back up to that much: the free pages of the region’s end. How much of it is resident is not known.'))));
    }

    return parts;
  }

  newHotPages () {
    const { map } = this;
    const pages = map.data.hotPages;

    if (!pages || pages.length === 0)
      return null;

    return h ('section', { class: 'map-section' }, h ('h2', null, t ('Hot spots')), h ('p', { class: 'caption dim' }, t ('pages with most allocations in the range')),
              h ('ul', { class: 'map-hot' }, pages.slice (0, HOT).map (page =>
                h ('li', null, h ('button', { class: 'map-hot-page', type: 'button', onclick: () => map.showPage (page) },
                                  h ('code', null, hex (page.address)), h ('span', { class: 'num' }, n ('{n} allocation', '{n} allocations', page.births, { n: count (page.births) })))))));
  }
}

