// SPDX-License-Identifier: GPL-3.0-or-later
// A browser that lets files store nothing: asking is already an error.

for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
  Object.defineProperty (window, name, { get: () => {
    throw new DOMException ('The operation is insecure.', 'SecurityError');
  } });
