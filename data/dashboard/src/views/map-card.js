// SPDX-License-Identifier: GPL-3.0-or-later
// What stands under the pointer, in words.

import { h, replace } from '../dom.js';
import { bytes, count, digitsFor, duration, moment, notRecorded, percent } from '../format.js';
import { n, t } from '../i18n.js';
import { nameTag, stageMark } from './cards.js';
import { INHERITED, OVERLAPS, SELECTED, UNKNOWN_ROUNDING, addressOf, hex, usedBytes } from './map-data.js';

export const STAGE_NAMES = ['allocated', 'active', 'shared', 'freed'];

// "0x7f3a2c163e50 – …19abe8": the end without what it has in common with the beginning.
export function rangeWords (start, length) {
  const from = hex (start);
  const to = hex (start + BigInt (Math.max (length, 1)) - 1n);
  let same = 0;

  while (same < from.length && from[same] === to[same])
    same++;

  return from.length === to.length && same > 5 && same < to.length ? `${from} – …${to.slice (same)}` : from === to ? from : `${from} – ${to}`;
}

export function pagesOf (data, i) {
  const page = data.pageSize;
  const skew = data.low[i] % page;

  return Math.max (Math.ceil ((skew + data.size[i]) / page), 1);
}

export function sizeWords (data, i) {
  const rounding = data.rounding[i];
  const pages = n ('on {n} page', 'on {n} pages', pagesOf (data, i));
  const usable = rounding === UNKNOWN_ROUNDING ? t ('usable size not recorded') : rounding === 0 ? t ('no rounding') : t ('usable + {bytes}', { bytes: bytes (rounding) });

  return t ('{size} {pages}, {usable}', { size: `${count (data.size[i])}\u00a0B`, pages, usable });
}

export function aliveWords (data, i) {
  const digits = digitsFor (Math.max (data.end - data.begin, 1));
  const words = t ('since {time}, {length}', { time: moment (data.birth[i], digits), length: duration (Math.max (data.instant - data.birth[i], 0)) });

  if (!data.hasDeaths)
    return words;

  return Number.isFinite (data.death[i]) ? t ('{words}, until {time}', { words, time: moment (data.death[i], digits) }) : t ('{words}, to the end', { words });
}

export function threadWords (data, names, i) {
  const own = names.thread (data.thread[i]) || notRecorded ();
  const other = data.deathThread[i];

  return other && other !== data.thread[i] ? t ('{thread}, freed by {other}', { thread: own, other: names.thread (other) || notRecorded () }) : own;
}

export const siteWords = (names, i) => names.site (i).filter (text => text).join (' · ') || notRecorded ();

// One sentence, for the keyboard and for screen readers.
export function blockSentence (data, names, i) {
  const { name } = names.variable (data.variable[i]);

  return t ('{name}, {size} at {address}, thread {thread}, {alive}', { name: name || t ('(no name recorded)'), size: bytes (data.size[i]), address: hex (addressOf (data, i)),
                                                                      thread: names.thread (data.thread[i]) || notRecorded (), alive: aliveWords (data, i) });
}

const line = (key, value, mono) => [h ('dt', { class: 'dim' }, key), h ('dd', { class: mono ? 'mono' : null }, value)];

export function blockFacts (data, names, i) {
  return [line (t ('address'), rangeWords (addressOf (data, i), data.size[i]), true), line (t ('size'), sizeWords (data, i)),
          line (t ('thread'), threadWords (data, names, i).slice (0, 400)), line (t ('alive'), aliveWords (data, i)),
          line (t ('site'), siteWords (names, data.site[i]).slice (0, 400), true)];
}

function blockCard (data, names, i, others) {
  const variable = names.variable (data.variable[i]);
  const notes = [data.flags[i] & INHERITED ? t ('Alive at the fork already: in no figure of this process') : !(data.flags[i] & SELECTED) ? t ('Left out by the filters') : null,
                 data.flags[i] & OVERLAPS ? t ('Begins inside another block, as the file says') : null,
                 data.sampled ? t ('One of the sampled blocks') : null,
                 others > 0 ? n ('{n} more block in this pixel', '{n} more blocks in this pixel', others) : null].filter (note => note);

  return [h ('div', { class: 'map-card-head' }, h ('code', { class: 'name strong' }, variable.name.slice (0, 400) || t ('(no name recorded)')), nameTag (variable),
             h ('span', { class: 'space' }), stageMark (STAGE_NAMES[data.stage[i]])),
          variable.type ? h ('code', { class: 'name dim' }, variable.type.slice (0, 400)) : null,
          h ('dl', { class: 'map-card-facts' }, blockFacts (data, names, i)),
          notes.map (note => h ('p', { class: 'caption dim' }, note)),
          h ('p', { class: 'caption dim' }, t ('Click selects'), ' · ', h ('kbd', null, 'Enter'), ' ', t ('inspects'))];
}

function holeCard (lane, from, to) {
  const unknown = lane.data.sampled || !lane.hatched;
  const length = to - from;
  const title = !lane.hatched ? t ('Nothing of this thread') : unknown ? t ('Nothing sampled here') : length < 32 ? t ('The allocator’s bookkeeping') : t ('Hole');

  return [h ('div', { class: 'map-card-head' }, h ('b', null, title), h ('span', { class: 'space' }), h ('span', { class: 'dim' }, bytes (length))),
          h ('dl', { class: 'map-card-facts' }, line (t ('address'), rangeWords (lane.address (from), length), true)),
          h ('p', { class: 'caption dim' }, !lane.hatched ? t ('Free, or another thread’s') : unknown ? t ('What is here is not known') : t ('Free, or not the allocator’s'))];
}

function pageCard ({ lane, address, size, used, blocks, born }) {
  return [h ('div', { class: 'map-card-head' }, h ('b', null, t ('Page')), h ('span', { class: 'space' }), lane.data.sampled ? null : h ('b', null, `${percent (used / Math.max (size, 1))} %`)),
          h ('dl', { class: 'map-card-facts' }, line (t ('address'), rangeWords (address, size), true),
             line (lane.data.sampled ? t ('sampled') : t ('in use'), t ('{used} of {size}', { used: bytes (used), size: bytes (size) })),
             line (t ('blocks'), born < blocks ? t ('{n}, {born} begin here', { n: count (blocks), born: count (born) }) : count (blocks)))];
}

export class Card {
  constructor (host) {
    this.host = host;
    this.element = h ('div', { class: 'map-card', hidden: true, 'aria-hidden': 'true' });
    host.append (this.element);
  }

  hide () {
    this.element.hidden = true;
    this.shown = null;
  }

  showBlock (data, names, i, others, x, y) {
    const key = `${data.row[i]} ${others} ${data.instant}`;

    if (this.shown !== key)
      replace (this.element, blockCard (data, names, i, others));
    this.place (key, x, y);
  }

  showPage (page, x, y) {
    const key = `page ${page.lane.key} ${page.address}`;

    if (this.shown !== key)
      replace (this.element, pageCard (page));
    this.place (key, x, y);
  }

  showHole (lane, from, to, x, y) {
    const key = `hole ${lane.key} ${from}`;

    if (this.shown !== key)
      replace (this.element, holeCard (lane, from, to));
    this.place (key, x, y);
  }

  // Beside the point, within the host.
  place (key, x, y) {
    const { element, host } = this;

    this.shown = key;
    element.hidden = false;

    const width = element.offsetWidth;
    const height = element.offsetHeight;
    const left = x + 18 + width <= host.clientWidth ? x + 18 : Math.max (x - 18 - width, 6);
    const top = y + 18 + height <= host.clientHeight ? y + 18 : Math.max (y - 18 - height, 6);

    element.style.setProperty ('left', `${Math.min (left, Math.max (host.clientWidth - width - 6, 6))}px`);
    element.style.setProperty ('top', `${top}px`);
  }
}
