// SPDX-License-Identifier: GPL-3.0-or-later
// What stands around the views: title, switcher, language, colours, banner.

import { h, replace } from '../dom.js';
import { date } from '../format.js';
import { LANGUAGES, language, n, t } from '../i18n.js';
import { icon } from '../icons.js';
import { listenForKeys } from '../keys.js';
import { missing, openDetails, openKeys } from './details.js';
import { newCalls } from './calls.js';
import { newDiagnostics, openFindings } from './diagnostics.js';
import { newMap } from './map-page.js';
import { newOverview } from './overview.js';
import { newVariables } from './variables.js';

const VIEWS = [['overview', 'Overview'], ['variables', 'Variables'], ['map', 'Map'], ['calls', 'Calls'], ['diagnostics', 'Diagnostics']];
const THEMES = ['auto', 'light', 'dark'];

function subtitle ({ session }) {
  const recorded = date (session.origin);

  return [session.facts.pid ? t ('process {pid}', { pid: session.facts.pid }) : null, recorded ? t ('recorded {date}', { date: recorded }) : null,
          session.samplingInterval ? t ('sampled: figures are estimates') : null].filter (words => words).join (' · ');
}

function newBanner (store) {
  const { session } = store.model.head;
  const gone = missing (store.model);
  const said = [...session.warnings, ...gone];

  if (said.length === 0)
    return null;

  const banner = h ('div', { class: `banner${session.warnings.length ? '' : ' banner-note'}`, role: 'region', 'aria-label': t ('Notices') }, icon (session.warnings.length ? 'warning' : 'info'),
                    h ('span', { class: 'banner-words' }, said[0], said.length > 1 ? h ('b', null, ' ', n ('and {n} more', 'and {n} more', said.length - 1)) : null),
                    h ('button', { class: 'small', type: 'button', onclick: () => openDetails (store) }, t ('Details')),
                    h ('button', { class: 'flat small icon-only', type: 'button', 'aria-label': t ('Close'), onclick: () => banner.remove () }, icon ('close', 14)));

  return banner;
}

export function mountShell (root, store, { setLanguage, theme, setTheme }) {
  const { head } = store.model;
  const name = head.session.facts.exe?.replace (/^.*\//, '') || head.session.label || t ('Recording');
  const views = {};
  const stage = h ('main', { id: 'view', tabindex: -1 });
  const build = { overview: newOverview, variables: newVariables, map: newMap, calls: newCalls, diagnostics: newDiagnostics };
  const badge = h ('span', { class: 'badge' });
  const switcher = h ('nav', { class: 'switcher', 'aria-label': t ('Views') }, VIEWS.map (([key, words]) =>
    h ('button', { type: 'button', 'data-view': key, onclick: () => store.set ({ view: key }) }, icon (key), h ('span', null, t (words)), key === 'diagnostics' ? badge : null)));
  const select = h ('select', { 'aria-label': t ('Language'), onchange: () => setLanguage (select.value) }, LANGUAGES.map (([key, words]) => h ('option', { value: key, selected: key === language, lang: key }, words)));
  const colours = h ('button', { class: 'flat icon-only', type: 'button', onclick: () => {
    theme = THEMES[(THEMES.indexOf (theme) + 1) % THEMES.length];
    setTheme (theme);
    for (const view of Object.values (views))
      view.update (new Set (['theme']));
    nameColours ();
  } });
  const goSearch = () => {
    if (store.state.view === 'calls' && store.model.head.hasStacks) {
      views.calls.search.focus ();
      views.calls.search.select ();
      return;
    }
    store.set ({ view: 'variables' });
    views.variables.search.focus ();
    views.variables.search.select ();
  };
  const tool = (picture, words, action) => h ('button', { class: 'flat icon-only', type: 'button', title: words, 'aria-label': words, onclick: action }, icon (picture));

  function nameColours () {
    const words = { auto: t ('Colours: as the system'), light: t ('Colours: light'), dark: t ('Colours: dark') }[theme];

    colours.title = words;
    colours.setAttribute ('aria-label', words);
    replace (colours, icon (theme));
  }

  function countFindings () {
    const many = openFindings (store).length;

    badge.hidden = many === 0;
    badge.textContent = many;
    badge.title = n ('{n} finding', '{n} findings', many);
  }

  function show () {
    const { view } = store.state;

    views[view] ??= build[view] (store);
    for (const button of switcher.children) {
      if (button.dataset.view === view)
        button.setAttribute ('aria-current', 'page');
      else
        button.removeAttribute ('aria-current');
    }
    if (stage.firstChild !== views[view].element) {
      replace (stage, views[view].element);
      views[view].shown ();
      views[view].update (new Set ([...Object.keys (store.state), 'figures']));
    }
  }

  nameColours ();
  countFindings ();
  replace (root, h ('a', { class: 'skip', href: '#view', onclick: event => {
    event.preventDefault ();
    stage.focus ();
  } }, t ('Skip to the view')),
  h ('header', { class: 'head' },
     h ('div', { class: 'head-title' }, h ('h1', { class: 'name', title: name.slice (0, 2000) }, name.slice (0, 400)), h ('div', { class: 'caption dim name' }, subtitle (head))),
     switcher,
     h ('div', { class: 'head-end' }, tool ('search', t ('Search variables'), goSearch), tool ('info', t ('About this recording'), () => openDetails (store)), tool ('keys', t ('Keys'), openKeys), colours,
        h ('label', { class: 'select flat' }, select))),
  newBanner (store), stage);

  show ();

  const unsubscribe = store.subscribe (changed => {
    if (changed.has ('view'))
      show ();
    if (changed.has ('muted'))
      countFindings ();
    if (changed.has ('leak'))
      views.diagnostics?.selectLeak ();
    for (const view of Object.values (views))
      view.update (changed);
  });

  return { unsubscribe, actions: {
    1: () => store.set ({ view: 'overview' }),
    2: () => store.set ({ view: 'variables' }),
    3: () => store.set ({ view: 'map' }),
    4: () => store.set ({ view: 'calls' }),
    5: () => store.set ({ view: 'diagnostics' }),
    '/': goSearch,
    0: () => store.setRange (null),
    '[': () => stage.querySelector ('.handle-begin')?.focus (),
    ']': () => stage.querySelector ('.handle-end')?.focus (),
    i: () => openDetails (store),
    '?': openKeys,
  } };
}

export { listenForKeys };
