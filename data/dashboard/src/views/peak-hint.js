// SPDX-License-Identifier: GPL-3.0-or-later
// Above what is alive: when hardly anything is, as at the end of a program that tidied up,
// says so and leads to the peak.

import { h, replace } from '../dom.js';
import { bytes, isKnown, moment } from '../format.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';

// Less than this part of the peak is "hardly anything".
const PEAK_PARTS = 50;

export function newPeakHint (store, words, action) {
  const text = h ('span');
  const element = h ('p', { class: 'notice peak-hint', hidden: true }, icon ('info', 14), text, h ('button', { class: 'small', type: 'button', onclick: () => action (store.figures.summary.peakInstant) }, words));

  return {
    element,
    show (wanted) {
      const { liveBytes, peakBytes, peakTime } = store.figures.summary;

      element.hidden = !(wanted && isKnown (peakBytes) && isKnown (peakTime) && liveBytes < peakBytes / PEAK_PARTS);
      if (!element.hidden)
        replace (text, t ('Hardly anything is alive at this instant: {live}. At the peak, at {time}, it was {peak}.',
                          { live: bytes (liveBytes), time: moment (peakTime), peak: bytes (peakBytes) }));
    },
  };
}
