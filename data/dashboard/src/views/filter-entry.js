// SPDX-License-Identifier: GPL-3.0-or-later
// The search entry: words, or a filter expression, which is asked of every block when it
// is whole. What is wrong is said below it, and where.

import { h } from '../dom.js';
import { isFilter, parseFilter } from '../filter.js';
import { t } from '../i18n.js';

export class FilterEntry {
  constructor (store, input) {
    this.store = store;
    this.input = input;
    this.where = h ('code', { class: 'filter-where', 'aria-hidden': 'true' });
    this.words = h ('span', { id: 'filter-fault' });
    this.element = h ('div', { class: 'filter-fault', role: 'status', hidden: true }, this.where, this.words);
  }

  typed () {
    const text = this.input.value;
    const { store } = this;

    if (!isFilter (text)) {
      this.tell (null);
      store.setFilter (null);
      store.set ({ query: text });
      return;
    }
    try {
      const root = parseFilter (text);

      this.tell (null);
      store.setFilter ({ text, root });
      store.set ({ query: text });
    } catch (fault) {
      // The last whole one stays until this is.
      this.tell (fault);
    }
  }

  // Changed from elsewhere. While something wrong stands there, it is being typed.
  show (query) {
    if (this.input.value !== query && this.element.hidden)
      this.input.value = query;
    if (query === '') {
      this.input.value = '';
      this.tell (null);
    }
  }

  tell (fault) {
    this.element.hidden = fault === null;
    this.input.toggleAttribute ('aria-invalid', fault !== null && fault.length > 0);
    if (fault === null) {
      this.input.removeAttribute ('aria-describedby');
      return;
    }

    const text = this.input.value;
    const wrong = text.slice (fault.offset, fault.offset + fault.length);

    this.input.setAttribute ('aria-describedby', 'filter-fault');
    this.where.replaceChildren (text.slice (0, fault.offset).slice (-24), h ('u', null, wrong.slice (0, 40) || ' '));
    this.words.textContent = fault.length ? t ('Column {column}: {message}', { column: fault.column, message: fault.message }) : fault.message;
  }
}
