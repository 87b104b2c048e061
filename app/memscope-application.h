/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_APPLICATION (memscope_application_get_type ())

G_DECLARE_FINAL_TYPE (MemscopeApplication, memscope_application, MEMSCOPE, APPLICATION, AdwApplication)

GApplication *memscope_application_new (void);
/* g_application_run(), and the status of what ran outside it. */
int           memscope_application_run (MemscopeApplication  *self,
                                        int                   argc,
                                        char                **argv);

G_END_DECLS
