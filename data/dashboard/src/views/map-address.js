// SPDX-License-Identifier: GPL-3.0-or-later
// An address that somebody has from elsewhere: a line for it, and the way there.

import { announce, h, replace } from '../dom.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { blockSentence } from './map-card.js';

// The block there is selected; where none is, the place is shown.
function goToAddress (map, text) {
  const digits = text.trim ().toLowerCase ().replace (/^0x/, '').replace (/[_,\s]/g, '');

  if (!/^[0-9a-f]{1,16}$/.test (digits)) {
    announce (t ('An address is hexadecimal digits'));
    return false;
  }

  const address = BigInt (`0x${digits}`);
  const lane = map.lanes.find (candidate => candidate.positionOf (address) !== null);

  if (!lane) {
    announce (t ('No block is near this address'));
    return false;
  }
  if (map.state.table)
    map.change ({ table: false });

  const position = lane.positionOf (address);
  const k = map.lanes.map (candidate => [candidate, candidate.at (position)]).find (([candidate, number]) => candidate.positionOf (address) !== null && number >= 0);

  if (k) {
    map.select (k[0].block (k[1]));
    map.showRow (map.state.row);
    announce (blockSentence (map.data, map.names, map.selected));
  } else {
    map.showRange (address > 256n ? address - 256n : 0n, address + 256n);
    announce (t ('No block is at this address'));
  }

  return true;
}

export function askAddress (map) {
  const done = () => {
    map.asking = false;
    map.drawCrumbs ();
    map.field.focus ({ preventScroll: true });
  };
  const input = h ('input', { type: 'text', class: 'map-address', placeholder: '0x…', 'aria-label': t ('Go to an address'), autocomplete: 'off', spellcheck: 'false',
                              onkeydown: event => {
                                event.stopPropagation ();
                                if (event.key === 'Escape') {
                                  event.preventDefault ();
                                  done ();
                                } else if (event.key === 'Enter') {
                                  event.preventDefault ();
                                  if (goToAddress (map, input.value))
                                    done ();
                                  else
                                    input.setAttribute ('aria-invalid', 'true');
                                }
                              },
                              oninput: () => input.removeAttribute ('aria-invalid') });

  map.asking = true;
  replace (map.crumbs, h ('label', { class: 'entry map-address-entry' }, icon ('search'), input));
  input.focus ();
}
