/* SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "memscope-side.h"

G_BEGIN_DECLS

/* The passport's stamps, one below the other, joined by a rail: solid where how one led to
 * the next was observed, dashed where it is inferred.
 */

typedef enum
{
  MEMSCOPE_RAIL_NONE,       /* nothing follows */
  MEMSCOPE_RAIL_OBSERVED,
  MEMSCOPE_RAIL_INFERRED,
} MemscopeRail;

/* @aside, what stands at the right below @time, may be NULL. @rail: to what follows. */
void memscope_passport_add_stamp    (GtkBox             *list,
                                     MemscopeSession    *session,
                                     const MemscopeSide *side,
                                     const char         *title,
                                     const char         *aside,
                                     const char         *time,
                                     MemscopeRail        rail);
/* What lies between two stamps; @tag may be NULL. */
void memscope_passport_add_crossing (GtkBox             *list,
                                     const char         *icon_name,
                                     const char         *text,
                                     const char         *tag,
                                     MemscopeRail        rail);
/* What the two sorts of rail mean. */
void memscope_passport_add_legend   (GtkBox             *list);

G_END_DECLS
