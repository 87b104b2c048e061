/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether this process may create web views. WebKit aborts the whole process where
 * it lacks namespaces or OpenGL, so memscope-web-probe tries it first, once for all
 * windows; only its exit status 0 says yes. Main thread only.
 */

/**
 * memscope_web_support_check_async:
 *
 * Answers at once when the answer is known, else when the probe has ended. Asking
 * early costs nothing later: one probe runs, whoever asks.
 */
void     memscope_web_support_check_async  (GCancellable         *cancellable,
                                            GAsyncReadyCallback   callback,
                                            gpointer              user_data);

/* FALSE: no web view here; @error is a sentence for people. */
gboolean memscope_web_support_check_finish (GAsyncResult         *result,
                                            GError              **error);

/* Whether OpenGL is emulated here, so that pages are quicker without it. Known once
 * the answer is.
 */
gboolean memscope_web_support_is_software  (void);

/* Asks again next time. For tests, which play several systems. */
void     memscope_web_support_forget       (void);

G_END_DECLS
