// SPDX-License-Identifier: GPL-3.0-or-later

import { h, replace } from './dom.js';
import { compileFilter, parseFilter } from './filter.js';
import { setLanguage, t } from './i18n.js';
import { listenForKeys } from './keys.js';
import { openInlineSource } from './source-inline.js';
import { Store } from './store.js';
import { mountShell } from './views/shell.js';

// What a page remembers where the browser lets it (it may not, for files).
const memory = {
  get: key => {
    try {
      return localStorage.getItem (`memscope-${key}`);
    } catch {
      return null;
    }
  },
  set: (key, value) => {
    try {
      localStorage.setItem (`memscope-${key}`, value);
    } catch {
      // Not remembered, then.
    }
  },
};

function applyTheme (theme) {
  if (theme === 'auto')
    delete document.documentElement.dataset.theme;
  else
    document.documentElement.dataset.theme = theme;
}

async function start () {
  const root = document.getElementById ('app');

  if (typeof DecompressionStream === 'undefined') {
    setLanguage (navigator.language);
    replace (root, h ('p', { class: 'status-page' }, t ('This browser is too old for the page: Chromium 80, Firefox 113 or Safari 16.4 and later can show it.')));
    return;
  }

  const source = openInlineSource ();
  const head = await source.head ();
  const store = new Store (source, head);
  const shell = { actions: {}, unsubscribe: () => {} };
  const mount = () => {
    shell.unsubscribe ();
    Object.assign (shell, mountShell (root, store, {
      theme: memory.get ('theme') ?? 'auto',
      setTheme: theme => {
        memory.set ('theme', theme);
        applyTheme (theme);
      },
      setLanguage: language => {
        memory.set ('language', language);
        setLanguage (language);
        mount ();
      },
    }));
  };

  setLanguage (memory.get ('language') ?? head.language ?? navigator.language);
  applyTheme (memory.get ('theme') ?? 'auto');
  mount ();
  listenForKeys (new Proxy (shell, { has: (target, key) => key in target.actions, get: (target, key) => target.actions[key] }));
  // For scripts: what a person does with the handles.
  window.memscope = {
    setRange: (begin, end) => store.setRange ([begin, end]),
    setInstant: instant => store.setInstant (instant),
    // How many rows pass a filter; the fault: { column, message }.
    countFilter: async text => {
      await store.loadRows ();
      try {
        const passes = compileFilter (parseFilter (text), store.model, store.whole.instant);
        let count = 0;

        for (let i = 0; i < store.model.rows.n; i++)
          count += passes (i) ? 1 : 0;
        return count;
      } catch (error) {
        return { column: error.column, message: error.message };
      }
    },
    isSettled: () => store.isSettled,
    duration: () => head.session.duration,
  };
  document.documentElement.dataset.ready = 'yes';

  // When there is nothing better to do, and at the latest when it is needed.
  setTimeout (() => store.loadRows (), 300);
}

start ().catch (error => {
  replace (document.getElementById ('app'), h ('div', { class: 'status-page' }, h ('h2', null, t ('The page can’t be shown')), h ('p', null, String (error))));
  throw error;
});
