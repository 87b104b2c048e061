/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MEMSCOPE_TYPE_START_PAGE (memscope_start_page_get_type ())

/* The ways in, and the sessions opened lately. */
G_DECLARE_FINAL_TYPE (MemscopeStartPage, memscope_start_page, MEMSCOPE, START_PAGE, AdwBin)

/* For a window too narrow for rows with columns. */
void memscope_start_page_set_narrow (MemscopeStartPage *self,
                                     gboolean           narrow);

G_END_DECLS
