/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* Lets memscope-cli write HTML from the recording @binary. Returns a
 * MemscopeTrackerResult. The process it makes for that ends without a signal to the
 * program, which does not wait for it by accident either.
 */
int run_cli_export_html (const char *binary, const char *html);
