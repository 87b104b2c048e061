// SPDX-License-Identifier: GPL-3.0-or-later
// What the rules found: a list by severity, and all of one finding beside it.

import { announce, h, replace } from '../dom.js';
import { adviceOf, categoryName, causeName, confidenceName, evidenceFigure, evidenceName, figure, reasonWords, ruleName, savingWords, severityName, titleOf } from '../findings.js';
import { count, digitsFor, moment, percent } from '../format.js';
import { n, t } from '../i18n.js';
import { icon } from '../icons.js';
import { walkStack } from '../model.js';
import { panel, table } from './charts.js';
import { curve, curveTable } from './finding-curve.js';
import { newStack } from './stack.js';

const SEVERITIES = ['critical', 'warning', 'note', 'hint'];
const SEVERITY_ICONS = { critical: 'critical', warning: 'warning', note: 'info', hint: 'hint' };
const CATEGORIES = ['leaks', 'churn', 'layout', 'threads', 'peak'];
const CONFIDENCES = ['low', 'medium', 'high'];
const COLOURS = ['var(--c1)', 'var(--c3)', 'var(--c5)'];
const ROWS_AT_ONCE = 60;

// Findings that are not muted, in the file or by the reader.
export const openFindings = store => store.model.head.diagnostics.findings.filter (finding => !finding.muted && !store.muted.has (finding));

const confidence = finding => h ('span', { class: 'confidence caption dim' },
  h ('span', { class: 'bars', 'aria-hidden': 'true' }, CONFIDENCES.map ((_, i) => h ('i', { class: i <= CONFIDENCES.indexOf (finding.confidence) ? 'on' : null }))),
  confidenceName (finding.confidence));

const severityIcon = (severity, size) => h ('span', { class: `severity severity-${severity}`, title: severityName (severity) }, icon (SEVERITY_ICONS[severity], size));

// The frame that names a stack, and the one it was called from.
function siteAndCaller (model, stack) {
  const frames = model.stacks ? walkStack (model, stack) : [];
  const site = model.stacks?.site[stack];
  const at = frames.findIndex (frame => frame?.index === site);

  return [frames[at] ?? null, at >= 0 ? frames[at + 1] ?? null : null];
}

function placeWords (model, stack) {
  const [site] = siteAndCaller (model, stack);

  return site ? model.frameWords (site.index).filter (words => words).join (' · ') : t ('where: not recorded');
}

function causeWords (model, cause) {
  const [site, caller] = siteAndCaller (model, cause.stack);
  const words = frame => {
    const [name, place] = model.frameWords (frame.index);

    return place ? `${name} (${place})` : name;
  };

  if (!site)
    return model.variableName (cause.variable);

  return caller ? `${words (caller)} → ${words (site)}` : words (site);
}

export function newDiagnostics (store) {
  const { model } = store;
  const { diagnostics, session } = model.head;
  const list = h ('div', { class: 'finding-list' });
  const detail = h ('section', { class: 'finding-detail', 'aria-label': t ('The finding') });
  let category = null;
  let selected = openFindings (store)[0] ?? null;
  let limit = ROWS_AT_ONCE;

  const time = value => moment (Math.min (value, session.duration), digitsFor (session.duration));

  // ---- where it leads ------------------------------------------------------------

  function showMe (finding) {
    const card = finding.variable === null ? null
      : model.cards.filter (other => other.variable === finding.variable).sort ((a, b) => b.liveBytes - a.liveBytes || b.bornBytes - a.bornBytes)[0] ?? null;
    const range = finding.show === 'instant' ? null : [Math.max (finding.begin, store.whole.begin), Math.min (finding.end, store.whole.end)];

    if (finding.show === 'range') {
      store.set ({ view: 'overview' });
    } else {
      store.set ({ query: finding.show === 'variable' && card ? model.variable (card.variable).name.slice (0, 200) : '', stages: new Set (), minimum: 0, thread: null,
                   view: 'variables', card, tab: 'overview', block: null });
    }
    store.setRange (range).then (() => finding.show === 'instant' && store.setInstant (finding.instant));
  }

  function mute (finding, muted) {
    if (muted)
      store.muted.add (finding);
    else
      store.muted.delete (finding);
    store.emit (['muted']);
    announce (muted ? t ('Muted until the page is closed') : t ('No longer muted'));
  }

  // ---- the list --------------------------------------------------------------------

  function row (finding) {
    const title = titleOf (model, finding);
    const [first] = finding.evidence;
    const muted = finding.muted || store.muted.has (finding);

    return h ('li', { class: `finding${finding === selected ? ' chosen' : ''}`, 'data-rule': finding.rule },
              h ('button', { class: 'finding-open', type: 'button', 'aria-pressed': String (finding === selected),
                             'aria-label': `${severityName (finding.severity)}: ${title}, ${evidenceName (first.id)} ${evidenceFigure (first)}, ${confidenceName (finding.confidence)}`,
                             onclick: () => select (finding, true) },
                 severityIcon (finding.severity, 18),
                 h ('span', { class: 'finding-words' },
                    h ('span', { class: 'finding-top' }, h ('b', { class: 'finding-title', title }, title),
                       h ('span', { class: 'finding-number' }, first.unit === 'count' ? h ('span', { class: 'caption dim' }, evidenceName (first.id)) : null, h ('b', null, evidenceFigure (first)))),
                    h ('span', { class: 'caption dim name' }, placeWords (model, finding.stack)), confidence (finding))),
              h ('span', { class: 'finding-actions' },
                 h ('button', { class: 'small', type: 'button', 'aria-label': `${t ('Show me')}: ${title}`, onclick: () => showMe (finding) }, t ('Show me')),
                 finding.muted ? null : h ('button', { class: 'flat small icon-only', type: 'button', title: muted ? t ('Unmute') : t ('Mute'), 'aria-label': `${muted ? t ('Unmute') : t ('Mute')}: ${title}`,
                                                       onclick: () => mute (finding, !muted) }, icon (muted ? 'sound' : 'mute'))));
  }

  function categoryBar (open) {
    const button = (key, words, many) => h ('button', { type: 'button', 'aria-pressed': String (category === key), 'data-category': key ?? 'all', onclick: () => {
      category = key;
      limit = ROWS_AT_ONCE;
      drawList ();
    } }, `${words} ${count (many)}`);

    return h ('div', { class: 'chips' }, h ('div', { class: 'linked', role: 'group', 'aria-label': t ('Which findings') }, button (null, t ('All'), open.length),
      CATEGORIES.map (key => [key, open.filter (finding => finding.category === key).length]).filter (([, many]) => many > 0).map (([key, many]) => button (key, categoryName (key), many))));
  }

  function sections (shown) {
    const visible = shown.slice (0, limit);

    return SEVERITIES.map (severity => [severity, shown.filter (finding => finding.severity === severity).length, visible.filter (finding => finding.severity === severity)])
      .filter (([, , findings]) => findings.length)
      .map (([severity, many, findings]) => [
        h ('h3', { class: `finding-section severity-${severity}` }, severityIcon (severity, 15), severityName (severity), h ('span', { class: 'dim' }, count (many))),
        h ('ul', { class: 'findings' }, findings.map (row))]);
  }

  function nothing () {
    const checked = diagnostics.rules.filter (rule => !rule.unchecked);

    return h ('div', { class: 'status-page' }, icon ('check', 36), h ('h3', null, n ('Nothing found by {n} rule', 'Nothing found by {n} rules', checked.length)),
              h ('p', { class: 'dim' }, checked.map (rule => ruleName (rule.id)).join (t (', '))));
  }

  function folded () {
    const muted = diagnostics.findings.filter (finding => finding.muted || store.muted.has (finding));
    const unchecked = diagnostics.rules.filter (rule => rule.unchecked);
    const checked = diagnostics.rules.filter (rule => !rule.unchecked);

    return [
      muted.length ? h ('details', { class: 'muted-findings', open: list.querySelector ('.muted-findings')?.open === true }, h ('summary', null, n ('{n} muted', '{n} muted', muted.length)), h ('ul', { class: 'findings' }, muted.slice (0, limit).map (row))) : null,
      unchecked.length ? h ('details', { class: 'unchecked-rules' }, h ('summary', null, n ('{n} not checked', '{n} not checked', unchecked.length)),
        h ('ul', { class: 'plain' }, unchecked.map (rule => h ('li', { class: 'dim caption' }, `${ruleName (rule.id)}: ${reasonWords (rule.unchecked)}`)))) : null,
      h ('details', null, h ('summary', null, n ('{n} rule was applied', '{n} rules were applied', checked.length)),
         h ('ul', { class: 'plain' }, checked.map (rule => h ('li', { class: 'dim caption' }, `${ruleName (rule.id)}: ${rule.leftOut ? n ('{n} found, the largest are listed', '{n} found, the largest are listed', rule.found) : n ('{n} found', '{n} found', rule.found)}`)))),
    ];
  }

  function drawList () {
    const open = openFindings (store);

    if (category && !open.some (finding => finding.category === category))
      category = null;

    const shown = open.filter (finding => !category || finding.category === category);

    replace (list, open.length ? categoryBar (open) : null,
             session.samplingInterval ? h ('p', { class: 'caption dim' }, t ('This recording is a sample: numbers are estimates, with the interval they lie in 95 times of 100.')) : null,
             store.state.range ? h ('p', { class: 'notice of-whole' }, icon ('info', 14), t ('Findings are of {begin} – {end}, all this page was made of, not of the range.', { begin: time (store.whole.begin), end: time (store.whole.end) })) : null,
             open.length ? sections (shown) : nothing (),
             shown.length > limit ? h ('button', { class: 'pill', type: 'button', onclick: () => {
               limit *= 2;
               drawList ();
             } }, n ('Show {n} more', 'Show {n} more', shown.length - limit)) : null,
             folded ());
  }

  // ---- one finding -------------------------------------------------------------------

  function numbers (finding) {
    return h ('dl', { class: 'finding-numbers' }, finding.evidence.map (evidence => h ('div', { class: 'panel' },
      h ('dt', { class: 'caption dim' }, evidenceName (evidence.id)),
      h ('dd', null, h ('b', null, evidence.unit === 'moment_ns' ? time (evidence.value) : evidenceFigure (evidence)),
         evidence.limit === null ? null : h ('span', { class: 'caption dim' }, t ('limit {value}', { value: figure (evidence.unit, evidence.limit) }))))));
  }

  function causes (finding) {
    const rest = 1 - finding.causes.reduce ((sum, cause) => sum + cause.share, 0);
    const lines = finding.causes.map (cause => [cause.share, causeWords (model, cause)]);

    if (rest > 0.0005)
      lines.push ([rest, t ('others')]);

    const draw = () => [
      h ('div', { class: 'cause-bar', 'aria-hidden': 'true' }, finding.causes.map ((cause, i) => h ('i', { style: { width: `${cause.share * 100}%`, background: COLOURS[i] } }))),
      h ('ul', { class: 'plain causes' }, lines.map (([share, words], i) => h ('li', null,
        h ('i', { class: `cause-swatch${i < finding.causes.length ? '' : ' rest'}`, style: i < finding.causes.length ? { background: COLOURS[i] } : {} }),
        h ('b', null, `${percent (share, 1)}\u00a0%`), h ('code', { class: 'name' }, words.slice (0, 1000)))))];

    return panel ({ title: t ('Root cause'), note: causeName (finding), className: 'cause-panel', draw,
                    twin: () => table ([[t ('Share'), true], [t ('Where'), false]], lines.map (([share, words]) => [`${percent (share, 1)}\u00a0%`, words.slice (0, 1000)]), t ('Root cause')) });
  }

  function evidencePanel (finding) {
    const title = finding.pointsAreBirths ? t ('Evidence: allocations over time') : t ('Evidence: live bytes over time');
    const legend = finding.trend ? h ('span', null, h ('span', { class: 'legend' }, h ('i', { class: 'legend-measured' }), t ('measured')), h ('span', { class: 'legend' }, h ('i', { class: 'legend-trend' }), t ('trend'))) : null;

    return finding.points.length === 0 ? null
      : panel ({ title, className: 'curve-panel', extra: legend, draw: () => curve (finding), twin: () => curveTable (finding, title) });
  }

  function drawDetail () {
    const finding = selected;

    detail.hidden = !finding;
    if (!finding)
      return;

    const muted = finding.muted || store.muted.has (finding);
    const title = titleOf (model, finding);

    replace (detail,
             h ('button', { class: 'flat small finding-back', type: 'button', onclick: () => select (selected, false) }, icon ('back'), t ('All findings')),
             h ('div', { class: 'finding-head' }, severityIcon (finding.severity, 22), h ('h2', null, title)),
             h ('p', { class: 'finding-meta caption dim' }, h ('b', { class: `severity-${finding.severity}` }, severityName (finding.severity)), ' · ', t ('rule'), ' ', h ('b', null, finding.rule), ' ', confidence (finding), ' ',
                t ('holds for {begin} – {end}', { begin: time (finding.begin), end: time (finding.end) })),
             numbers (finding), evidencePanel (finding), finding.causes.length ? causes (finding) : null,
             h ('section', { class: 'panel' }, h ('div', { class: 'panel-head' }, icon ('hint'), h ('h2', null, t ('Advice'))), h ('p', null, adviceOf (finding)),
                h ('p', { class: 'caption dim' }, finding.saving === 'not-measured' ? savingWords (finding.saving)
                  : [t ('Predicted saving:'), ' ', h ('b', null, figure (finding.savingUnit, finding.savingValue)), ' ', savingWords (finding.saving)])),
             h ('div', { class: 'finding-buttons' },
                h ('button', { class: 'pill suggested', type: 'button', onclick: () => showMe (finding) }, t ('Show me')),
                finding.stack ? h ('button', { class: 'pill', type: 'button', onclick: () => store.set ({ view: 'calls' }) }, t ('Calls')) : null,
                finding.muted ? null : h ('button', { class: 'pill', type: 'button', onclick: () => mute (finding, !muted) }, muted ? t ('Unmute') : t ('Mute'))),
             h ('section', { class: 'panel' }, newStack (model, model.stacks ? finding.stack : 0, t ('Stack'))));
  }

  // `open`: on narrow pages the details take the place of the list.
  function select (finding, open) {
    const focused = document.activeElement?.closest?.('.finding-open') !== null;

    selected = finding;
    element.classList.toggle ('showing-detail', open);
    drawList ();
    drawDetail ();
    if (focused)
      list.querySelector ('.finding-open[aria-pressed="true"]')?.focus ();
  }

  // Arrow keys go from finding to finding.
  list.addEventListener ('keydown', event => {
    const rows = [...list.querySelectorAll ('.finding-open')].filter (node => node.offsetParent !== null);
    const at = rows.indexOf (document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];

    if (at < 0 || to === undefined || !rows[to])
      return;
    event.preventDefault ();
    rows[to].focus ();
  });

  const element = h ('div', { class: 'diagnostics' }, list, detail);

  drawList ();
  drawDetail ();
  if (!model.stacks)
    store.loadStacks ().then (stacks => {
      model.stacks ??= stacks;
      drawList ();
      drawDetail ();
    });

  return {
    element,
    shown: () => {},
    selectLeak: () => {
      const leak = openFindings (store).find (finding => finding.rule.startsWith ('leak.'));

      category = null;
      if (leak)
        select (leak, true);
    },
    update: changed => {
      if (changed.has ('muted')) {
        drawList ();
        drawDetail ();
      }
      if (changed.has ('range'))
        drawList ();
    },
  };
}
