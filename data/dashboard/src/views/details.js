// SPDX-License-Identifier: GPL-3.0-or-later
// What was recorded, how well, and what of it is in this page.

import { h, newId } from '../dom.js';
import { bytes, count, date, duration, isKnown, moment, notRecorded } from '../format.js';
import { n, t } from '../i18n.js';
import { icon } from '../icons.js';
import { facts } from './inspector.js';
import { table } from './charts.js';

const GAP_REASONS = () => ({ 1: t ('the buffer was full'), 2: t ('the collector stood still'), 3: t ('paused'), 4: t ('signal inside a signal'), 5: t ('a child process could not register') });

// Sentences about what is not here. Empty: everything is.
export function missing ({ head, complete }) {
  const { contents } = head;
  const said = [];

  if (contents.dropped > 0)
    said.push (t ('{dropped} of {all} blocks are not listed, to keep the page within {budget}. Listed are those alive at the end, then the largest. All totals, charts and cards cover every block.',
                  { dropped: count (contents.dropped), all: count (contents.selected - contents.unnamed), budget: bytes (contents.budget) }));
  if (contents.droppedLive > 0)
    said.push (n ('{n} block alive at the end is among those not listed.', '{n} blocks alive at the end are among those not listed.', contents.droppedLive));
  if (contents.namedOnly)
    said.push (n ('Only blocks of named variables are listed; {n} other is in the totals alone.', 'Only blocks of named variables are listed; {n} others are in the totals alone.', contents.unnamed));
  if (head.cards.total > head.cards.thread.length && !complete)
    said.push (t ('{shown} of {all} cards are in this page, those with the most bytes.', { shown: count (head.cards.thread.length), all: count (head.cards.total) }));
  if (contents.callsLeftOut > 0)
    said.push (t ('{n} call stacks that hold little are not told apart in the calls.', { n: count (contents.callsLeftOut) }));
  if (contents.extrasLeftOut)
    said.push (t ('What memscope-rs stored beside each block is left out: it did not fit.'));
  if (head.shortened > 0)
    said.push (t ('{n} very long names are shortened.', { n: count (head.shortened) }));
  if (contents.redact & 1)
    said.push (t ('Paths are shortened to names on purpose.'));
  if (contents.redact & 2)
    said.push (t ('Arguments are left out on purpose.'));
  if (contents.redact & 4)
    said.push (t ('The environment is left out on purpose.'));
  if (!head.selection.allThreads || !head.selection.allModules || !head.selection.allSizes || head.selection.text)
    said.push (t ('Exported with a filter: the figures are those of its blocks.'));

  return said;
}

export function openDetails (store) {
  const { head } = store.model;
  const { session, contents, summary } = head;
  const known = value => isKnown (value) && value !== '' ? value : notRecorded ();
  const gone = missing (store.model);
  const id = newId ('details');
  const dialog = h ('dialog', { class: 'dialog', 'aria-labelledby': id },
    h ('div', { class: 'dialog-head' }, h ('h2', { id }, t ('About this recording')), h ('span', { class: 'space' }),
       h ('button', { class: 'flat small icon-only', type: 'button', 'aria-label': t ('Close'), onclick: () => dialog.close () }, icon ('close', 14))),
    h ('div', { class: 'dialog-body' },
       session.warnings.length ? h ('section', null, h ('h3', null, t ('Warnings')), h ('ul', { class: 'plain' }, session.warnings.map (words => h ('li', null, words)))) : null,
       h ('section', null, h ('h3', null, t ('Recording')), facts ([
         [t ('File'), known (session.label)],
         [t ('Format'), `${session.format} ${session.version}${session.layout ? ` · ${t ('layout {layout}', { layout: session.layout })}` : ''}`],
         [t ('State'), session.complete ? t ('complete') : t ('not complete')],
         [t ('Process'), session.format.startsWith ('memscope-rs') ? notRecorded () : session.ended ? t ('had ended') : t ('was still running')],
         [t ('Recorded'), date (session.origin) ?? notRecorded ()],
         [t ('Duration'), duration (session.duration)],
         [t ('Program'), known (session.facts.exe)],
         [t ('Command'), session.facts.command.length ? h ('code', { class: 'whole-text' }, session.facts.command.join (' ')) : notRecorded ()],
         [t ('Process id'), known (session.facts.pid)],
         [t ('Folder'), known (session.facts.cwd)],
         [t ('Host'), known (session.facts.host)],
         [t ('Kernel'), known (session.facts.kernel)],
         [t ('Allocator'), known (session.facts.allocator)],
         [t ('Sampling'), session.samplingInterval ? t ('about every {bytes}: figures are estimates', { bytes: bytes (session.samplingInterval) }) : t ('no: every allocation')],
         [t ('Recorder'), known (session.facts.recorder_version)],
       ])),
       h ('section', null, h ('h3', null, t ('Quality')), facts ([
         [t ('Events'), count (session.events)],
         [t ('Blocks'), count (session.blocks)],
         [t ('Frees of unknown blocks'), isKnown (summary.unmatchedFrees) ? count (summary.unmatchedFrees) : notRecorded ()],
         [t ('Failed allocations'), isKnown (summary.failed) ? count (summary.failed) : notRecorded ()],
         [t ('Call stacks'), session.hasStacks ? t ('recorded') : notRecorded ()],
         [t ('Frees'), session.hasDeaths ? t ('recorded') : notRecorded ()],
         [t ('Gaps'), head.gapCount ? count (head.gapCount) : t ('none')],
       ]), head.gaps.length ? table ([[t ('From')], [t ('To')], [t ('Lost events'), true], [t ('Lost bytes'), true], [t ('Reason')]],
         head.gaps.map (([begin, end, events, size, , reason]) => [moment (begin), moment (end), count (events), bytes (size), GAP_REASONS ()[reason] ?? notRecorded ()]), t ('Gaps')) : null),
       h ('section', null, h ('h3', null, t ('In this page')),
          h ('p', null, n ('{n} block is listed.', '{n} blocks are listed.', contents.rows)),
          gone.length ? h ('ul', { class: 'plain' }, gone.map (words => h ('li', null, words))) : h ('p', null, t ('Nothing is left out.')))));

  document.body.append (dialog);
  dialog.addEventListener ('close', () => dialog.remove ());
  dialog.addEventListener ('click', event => event.target === dialog && dialog.close ());
  dialog.showModal ();
}

export function openKeys () {
  const id = newId ('keys');
  const lines = [['1 2', t ('Overview, Variables')], ['3', t ('Map')], ['4', t ('Calls')], ['5', t ('Diagnostics')], ['/', t ('Search variables')], ['Esc', t ('Close the inspector')], ['← → ↑ ↓', t ('Move between cards, tabs and blocks')],
                 ['Enter', t ('Open the card')], ['[ ]', t ('To the handles of the range')], ['0', t ('Whole recording')], ['+ - f z', t ('Map: closer, farther, all memory, to the block')], ['g', t ('Map: go to an address')], ['c', t ('Map: other colours')], ['i', t ('About this recording')], ['?', t ('This list')]];
  const dialog = h ('dialog', { class: 'dialog small-dialog', 'aria-labelledby': id },
    h ('div', { class: 'dialog-head' }, h ('h2', { id }, t ('Keys')), h ('span', { class: 'space' }), h ('button', { class: 'flat small icon-only', type: 'button', 'aria-label': t ('Close'), onclick: () => dialog.close () }, icon ('close', 14))),
    h ('div', { class: 'dialog-body' }, h ('dl', { class: 'facts' }, lines.map (([keys, words]) => [h ('dt', null, keys.split (' ').map (key => h ('kbd', null, key))), h ('dd', null, words)]))));

  document.body.append (dialog);
  dialog.addEventListener ('close', () => dialog.remove ());
  dialog.showModal ();
}
