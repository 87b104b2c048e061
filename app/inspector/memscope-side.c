/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-format.h"
#include "memscope-inspector-parts.h"
#include "memscope-side.h"
#include "memscope-text.h"

static guint32
language_from_name (MemscopeSession      *session,
                    const MemscopeSymbol *symbol)
{
  MemscopeStringId id = symbol->linkage_name != 0 ? symbol->linkage_name : symbol->function;
  gsize length = 0;
  const char *name = id != 0 ? memscope_session_get_string (session, id, &length) : NULL;

  if (name == NULL)
    return MEMSCOPE_LANGUAGE_UNKNOWN;
  if (length > 2 && memcmp (name, "_R", 2) == 0)
    return MEMSCOPE_LANGUAGE_RUST;
  if (length > 3 && memcmp (name, "_ZN", 3) == 0)
    {
      /* Legacy Rust names end in 17h, sixteen hexadecimal digits and E. */
      if (length > 23 && name[length - 1] == 'E' && memcmp (name + length - 20, "17h", 3) == 0)
        return MEMSCOPE_LANGUAGE_RUST;
      return MEMSCOPE_LANGUAGE_CXX;
    }
  if (length > 2 && memcmp (name, "_Z", 2) == 0)
    return MEMSCOPE_LANGUAGE_CXX;

  return MEMSCOPE_LANGUAGE_UNKNOWN;
}

MemscopeSide
memscope_side_of_frame (MemscopeSession *session,
                        MemscopeFrameId  frame)
{
  MemscopeSide side = { .innermost = frame };
  const MemscopeSymbol *symbols;
  MemscopeFrame entry;

  if (memscope_session_get_frame (session, frame, &entry))
    side.module = entry.module;
  if (memscope_session_get_symbols (session, frame, &symbols) > 0)
    {
      side.language = symbols[0].language;
      side.evidence = side.language != MEMSCOPE_LANGUAGE_UNKNOWN ? MEMSCOPE_SIDE_EVIDENCE_UNIT : MEMSCOPE_SIDE_EVIDENCE_NONE;
      if (side.language == MEMSCOPE_LANGUAGE_UNKNOWN)
        {
          side.language = language_from_name (session, &symbols[0]);
          if (side.language != MEMSCOPE_LANGUAGE_UNKNOWN)
            side.evidence = MEMSCOPE_SIDE_EVIDENCE_MANGLING;
        }
    }

  return side;
}

gboolean
memscope_side_is_boundary (const MemscopeSide *inner,
                           const MemscopeSide *outer)
{
  if (inner->module != outer->module)
    return TRUE;
  return inner->language != MEMSCOPE_LANGUAGE_UNKNOWN && outer->language != MEMSCOPE_LANGUAGE_UNKNOWN &&
         inner->language != outer->language;
}

guint
memscope_side_find (MemscopeSession *session,
                    MemscopeStackId  stack,
                    MemscopeSide    *sides)
{
  MemscopeFrameId site = stack != 0 ? memscope_session_get_call_site (session, stack) : 0;
  MemscopeStackId parent;
  MemscopeFrameId frame;
  gboolean reached = FALSE;
  guint n = 0;

  for (guint depth = 0;
       stack != 0 && depth < MEMSCOPE_MAX_SIDE_FRAMES && memscope_session_get_stack_node (session, stack, &parent, &frame);
       depth++, stack = parent)
    {
      MemscopeSide side;

      reached |= frame == site;
      if (!reached || frame == 0)
        continue;
      side = memscope_side_of_frame (session, frame);
      if (n > 0 && !memscope_side_is_boundary (&sides[n - 1], &side))
        continue;
      if (n == MEMSCOPE_MAX_SIDES)
        break;
      sides[n++] = side;
    }

  return n;
}

gboolean
memscope_side_is_inferred (const MemscopeSide *from,
                           const MemscopeSide *to)
{
  return from->module == to->module &&
         (from->evidence == MEMSCOPE_SIDE_EVIDENCE_MANGLING || to->evidence == MEMSCOPE_SIDE_EVIDENCE_MANGLING);
}

const char *
memscope_side_language (guint32 language)
{
  switch (language)
    {
    case MEMSCOPE_LANGUAGE_C:
      return "C";
    case MEMSCOPE_LANGUAGE_CXX:
      return "C++";
    case MEMSCOPE_LANGUAGE_RUST:
      return "Rust";
    case MEMSCOPE_LANGUAGE_OTHER:
      return C_("language", "other");
    case MEMSCOPE_LANGUAGE_UNKNOWN:
    default:
      return NULL;
    }
}

const char *
memscope_side_language_style (guint32 language)
{
  switch (language)
    {
    case MEMSCOPE_LANGUAGE_C:
      return "c";
    case MEMSCOPE_LANGUAGE_CXX:
      return "cxx";
    case MEMSCOPE_LANGUAGE_RUST:
      return "rust";
    case MEMSCOPE_LANGUAGE_OTHER:
    case MEMSCOPE_LANGUAGE_UNKNOWN:
    default:
      return "unknown";
    }
}

const char *
memscope_side_evidence (MemscopeSideEvidence evidence)
{
  switch (evidence)
    {
    case MEMSCOPE_SIDE_EVIDENCE_UNIT:
      return _("language from the compilation unit");
    case MEMSCOPE_SIDE_EVIDENCE_MANGLING:
      return _("language inferred from the mangled name");
    case MEMSCOPE_SIDE_EVIDENCE_NONE:
    default:
      return _("language not recorded");
    }
}

char *
memscope_side_dup_words (MemscopeSession    *session,
                         const MemscopeSide *side)
{
  g_autofree char *module = memscope_part_module (session, side->module);
  g_autofree char *isolated = memscope_text_isolate (module);
  const char *language = memscope_side_language (side->language);

  if (side->module == 0)
    return language != NULL ? g_strdup_printf (_("%s code in a module that was not recorded"), language)
                            : g_strdup (_("code whose module was not recorded"));
  if (language == NULL)
    return g_strdup_printf (_("code in %s"), isolated);
  return g_strdup_printf (_("%s code in %s"), language, isolated);
}
