/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_WEB_PANE (memscope_web_pane_get_type ())

/**
 * MemscopeWebPane:
 *
 * A page of our own in a web view. Its files come from the program itself, as
 * memscope://ui/NAME; nothing it could do reaches a network, another page or a file.
 * Make one only where memscope_web_support_check_async () said that it works.
 *
 * The page calls webkit.messageHandlers.memscope.postMessage (JSON.stringify (…)) with
 * an object that has a "type"; "ready" is the first. It gets what is sent to it by
 * its functions memscopeCommand (object) and memscopeReceive (name, Uint8Array).
 * {"type":"enter","back":…} says that the keyboard came in, by which end.
 *
 * Signals:
 *  - "message" (JsonObject): from the page, which is not to be trusted
 *  - "failed" (const char *): nothing will come any more; a sentence for people.
 *    When the web process dies, the page is loaded once more before that ("ready"
 *    comes again).
 */
G_DECLARE_FINAL_TYPE (MemscopeWebPane, memscope_web_pane, MEMSCOPE, WEB_PANE, AdwBin)

/* @folder: of the resources that are its files; @page: the one to show. */
MemscopeWebPane *memscope_web_pane_new         (const char          *folder,
                                                const char          *page);

/* @json: one object, as text. */
void             memscope_web_pane_command     (MemscopeWebPane     *self,
                                                const char          *json);

/* The contents of @fd, shared memory that nobody changes any more, copied for the
 * page; it is read, not kept. FALSE: the page did not take it, and why.
 */
void             memscope_web_pane_send_async  (MemscopeWebPane     *self,
                                                const char          *name,
                                                int                  fd,
                                                GCancellable        *cancellable,
                                                GAsyncReadyCallback  callback,
                                                gpointer             user_data);
gboolean         memscope_web_pane_send_finish (MemscopeWebPane     *self,
                                                GAsyncResult        *result,
                                                GError             **error);

/* What assistive technology says of the page where it can't look into it. */
void             memscope_web_pane_set_summary (MemscopeWebPane     *self,
                                                const char          *text);

/* The web view, for tests. */
GtkWidget       *memscope_web_pane_get_view    (MemscopeWebPane     *self);

G_END_DECLS
