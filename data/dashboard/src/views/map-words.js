// SPDX-License-Identifier: GPL-3.0-or-later
// The map in words: what it can't know, and the sentence that sums it up.

import { bytes, digitsFor, moment, percent } from '../format.js';
import { n, t } from '../i18n.js';
import { canFragment } from './map-lanes.js';
import { pinned } from './map-side.js';

export function drawNotes (map) {
  const { data, state } = map;
  const inferred = data.regions.filter (region => !region.recorded).length;
  const words = [data.sampled ? t ('Sampled blocks only') : null,
                 inferred === 0 ? null : inferred === data.regions.length ? t ('Regions inferred from addresses: no mappings are recorded') : n ('{n} region inferred from addresses', '{n} regions inferred from addresses', inferred),
                 !data.hasDeaths ? t ('Frees are not recorded: every block born so far is shown') : null,
                 data.overlapping > 0 ? n ('{n} block begins inside another, as the file says', '{n} blocks begin inside others, as the file says', data.overlapping) : null,
                 state.complete === false ? t ('Not all blocks are in this page: holes may be blocks') : null].filter (word => word);

  map.notes.textContent = words.join (' · ');
  map.notes.hidden = words.length === 0;
}

// The sentence that sums it up.
export function describe (map) {
  const { data } = map;

  if (data === null)
    return t ('The map is being made…');
  if (data.n === 0)
    return t ('Nothing alive at this instant');

  const worst = data.sampled ? null : data.regions.filter (region => canFragment (region.kind) && region.holeBytes > 0).sort ((a, b) => b.fragmentation - a.fragmentation || b.holeBytes - a.holeBytes)[0];
  const digits = digitsFor (Math.max (data.end - data.begin, 1));

  return [t ('Memory map at {time}: {blocks}, {bytes}, in {regions}',
             { time: moment (data.instant, digits), blocks: n ('{n} live block', '{n} live blocks', data.selected),
               bytes: bytes (data.liveBytes), regions: n ('{n} region', '{n} regions', data.regions.length) }),
          worst ? t ('{region} is most fragmented, {share} %', { region: worst.label.slice (0, 100), share: percent (worst.fragmentation) }) : null,
          data.sampled ? t ('Sampled blocks only') : null,
          ...pinned (data).slice (0, 1).map (region => n ('{n} block holds the end of {region}', '{n} blocks hold the end of {region}', region.pins, { region: region.label.slice (0, 100) }))].filter (part => part).join ('. ');
}
