// SPDX-License-Identifier: GPL-3.0-or-later
// A call stack with its source lines; a line between frames where module or
// language changes.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { walkStack } from '../model.js';

const sameSide = (a, b) => a.moduleName === b.moduleName && (a.language ?? b.language) === (b.language ?? a.language);

export function newStack (model, stack, title) {
  const frames = walkStack (model, stack);

  if (frames.length === 0)
    return h ('div', { class: 'stack' }, h ('h3', null, title), h ('p', { class: 'dim' }, t ('not recorded')));

  const lines = [];

  frames.forEach ((frame, i) => {
    if (!frame) {
      lines.push (h ('li', { class: 'dim' }, t ('the frames beyond were not recorded')));
      return;
    }

    const before = frames[i - 1];

    if (before && !before.isText && !frame.isText && !sameSide (before, frame))
      lines.push (h ('li', { class: 'boundary' }, h ('span', { class: 'unseen' }, t ('boundary'))));
    lines.push (...frameLines (model, frame));
  });

  return h ('div', { class: 'stack' }, h ('h3', null, title), h ('ol', { class: 'frames' }, lines));
}

function frameLines (model, frame) {
  const language = h ('span', { class: 'language' }, frame.language ?? '');
  const named = frame.symbols.filter (symbol => symbol.function);

  if (named.length === 0)
    return [h ('li', null, language, h ('code', { class: 'frame-name' }, model.where (frame) || t ('not recorded')))];

  return named.map ((symbol, i) => h ('li', null, i === 0 ? language : h ('span', { class: 'language' }),
    h ('code', { class: 'frame-name' }, symbol.function),
    i < named.length - 1 ? h ('span', { class: 'tag' }, t ('inlined')) : null,
    h ('span', { class: 'dim caption frame-place', title: symbol.file || null }, model.place (symbol) || frame.moduleName)));
}

// The stack most of these rows share: [stack, how many rows].
export function mostCommonStack (model, found) {
  const counts = new Map ();
  let best = [0, 0];

  for (const i of found) {
    const stack = model.rows.stack[i];
    const n = (counts.get (stack) ?? 0) + 1;

    counts.set (stack, n);
    if (n > best[1])
      best = [stack, n];
  }

  return [...best, counts.size];
}
