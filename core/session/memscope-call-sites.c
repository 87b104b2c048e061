/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which frame of a stack a block is said to come from, and the name that this
 * gives to blocks nobody named. Stacks are a trie whose parents come first, so
 * one pass answers for all of them, each from its parent's answer.
 */

#include "config.h"

#include "memscope-display.h"
#include "memscope-session-builder-private.h"
#include "memscope-wrappers.h"

#include <string.h>

static MemscopeWrapper
judge_module_of (MemscopeSession     *session,
                 const MemscopeFrame *frame)
{
  const char *path;
  gsize length;

  if (frame->module == 0)
    return MEMSCOPE_WRAPPER_NONE;

  path = memscope_string_table_get (&session->strings,
                                    memscope_table_index (&session->modules, MemscopeModule, frame->module).path,
                                    &length);

  return path != NULL ? memscope_wrapper_judge_module (path, length) : MEMSCOPE_WRAPPER_NONE;
}

static MemscopeWrapper
judge_symbol (MemscopeSession      *session,
              const MemscopeSymbol *symbol)
{
  gsize length;
  const char *function = memscope_string_table_get (&session->strings, symbol->function, &length);

  return function != NULL ? memscope_wrapper_judge_function (function, length) : MEMSCOPE_WRAPPER_NONE;
}

/* The function of a frame that names it: with inlining, the innermost that is not a
 * wrapper. A frame is a wrapper when all its functions are, or its module is.
 */
static const MemscopeSymbol *
naming_symbol (MemscopeSession *session,
               MemscopeFrameId  id,
               MemscopeWrapper *wrapper)
{
  const MemscopeFrame *frame = &memscope_table_index (&session->frames, MemscopeFrame, id);
  const MemscopeSymbol *symbols;
  guint n = memscope_session_get_symbols (session, id, &symbols);
  guint best = 0;

  *wrapper = judge_module_of (session, frame);
  if (n == 0)
    return NULL;

  if (*wrapper == MEMSCOPE_WRAPPER_NONE)
    {
      *wrapper = MEMSCOPE_WRAPPER_ALLOCATOR;
      for (guint i = 0; i < n && *wrapper != MEMSCOPE_WRAPPER_NONE; i++)
        {
          MemscopeWrapper judged = judge_symbol (session, &symbols[i]);

          if (judged < *wrapper || i == 0)
            {
              *wrapper = judged;
              best = i;
            }
        }
    }

  return &symbols[best];
}

static MemscopeStringId
name_of_place (MemscopeSessionBuilder *self,
               const MemscopeFrame    *frame)
{
  MemscopeSession *session = self->session;
  g_autoptr(GString) name = g_string_new (NULL);
  const char *path = NULL;
  gsize length = 0;

  if (frame->module != 0)
    path = memscope_string_table_get (&session->strings,
                                      memscope_table_index (&session->modules, MemscopeModule, frame->module).path,
                                      &length);

  if (path != NULL)
    {
      const char *slash = length > 0 ? memrchr (path, '/', length) : NULL;
      const char *base = slash != NULL ? slash + 1 : path;

      g_string_append_len (name, base, (gssize)(length - (gsize)(base - path)));
      g_string_append_c (name, '+');
    }
  g_string_append_printf (name, "0x%" G_GINT64_MODIFIER "x", frame->offset);

  return memscope_session_builder_intern_string (self, name->str, name->len);
}

/* "function:line", "function" where no line is known. */
static MemscopeStringId
name_of_symbol (MemscopeSessionBuilder *self,
                const MemscopeSymbol   *symbol)
{
  g_autoptr(GString) name = NULL;
  const char *function;
  gsize length;

  if (symbol->line == 0)
    return symbol->function;

  function = memscope_string_table_get (&self->session->strings, symbol->function, &length);
  name = g_string_new_len (function, (gssize)length);
  g_string_append_printf (name, ":%u", symbol->line);

  return memscope_session_builder_intern_string (self, name->str, name->len);
}

/* Functions of one name in two files are two variables: the file tells them apart. */
static MemscopeVariableId
make_site_variable (MemscopeSessionBuilder *self,
                    MemscopeFrameId         id)
{
  MemscopeSession *session = self->session;
  const MemscopeFrame frame = memscope_table_index (&session->frames, MemscopeFrame, id);
  guint n = session->variables.n;
  MemscopeWrapper wrapper;
  const MemscopeSymbol *symbol = naming_symbol (session, id, &wrapper);
  MemscopeStringId name;
  MemscopeStringId scope = 0;
  MemscopeVariableId variable;

  if (symbol != NULL && symbol->function != 0)
    {
      name = name_of_symbol (self, symbol);
      scope = symbol->file;
      if (scope == 0 && frame.module != 0)
        scope = memscope_table_index (&session->modules, MemscopeModule, frame.module).path;
    }
  else
    {
      name = name_of_place (self, &frame);
    }

  variable = memscope_session_builder_intern_variable (self, MEMSCOPE_NAME_SITE, name, 0, scope);
  if (variable == n)
    memscope_session_write (&memscope_table_index (&session->variables, MemscopeVariable, variable), site, id);

  return variable;
}

static MemscopeFrameSite *
frame_site (MemscopeSessionBuilder *self,
            MemscopeFrameId         frame)
{
  if (frame >= self->frame_sites->len)
    g_array_set_size (self->frame_sites, self->session->frames.n);

  return &g_array_index (self->frame_sites, MemscopeFrameSite, frame);
}

static MemscopeVariableId
site_variable_of (MemscopeSessionBuilder *self,
                  MemscopeFrameId         frame)
{
  MemscopeFrameSite *site = frame_site (self, frame);

  if (frame != 0 && site->variable == 0)
    site->variable = make_site_variable (self, frame);

  return site->variable;
}

static MemscopeWrapper
wrapper_of (MemscopeSessionBuilder *self,
            MemscopeFrameId         frame)
{
  MemscopeFrameSite *site = frame_site (self, frame);

  if (site->judged == 0)
    {
      MemscopeWrapper wrapper;

      naming_symbol (self->session, frame, &wrapper);
      site->judged = (guint8)wrapper + 1;
    }

  return site->judged - 1;
}

static MemscopeSite
judge_stack (MemscopeSessionBuilder *self,
             MemscopeStackId         id)
{
  MemscopeSession *session = self->session;
  const MemscopeStackNode node = memscope_table_index (&session->stacks, MemscopeStackNode, id);
  MemscopeSite site = memscope_table_index (&session->sites, MemscopeSite, node.parent);
  MemscopeFrameId chosen;

  if (node.frame != 0)
    {
      MemscopeWrapper wrapper = wrapper_of (self, node.frame);

      if (wrapper == MEMSCOPE_WRAPPER_NONE)
        site.own = node.frame;
      if (wrapper != MEMSCOPE_WRAPPER_ALLOCATOR)
        site.wrapper = node.frame;
    }

  chosen = site.own != 0 ? site.own : site.wrapper != 0 ? site.wrapper : node.frame;
  site.variable = site_variable_of (self, chosen);

  return site;
}

/* Readers take each field for itself; between two of them the site may have changed. */
static void
set_site (MemscopeSite *place,
          MemscopeSite  site)
{
  memscope_session_write (place, own, site.own);
  memscope_session_write (place, wrapper, site.wrapper);
  memscope_session_write (place, variable, site.variable);
}

void
memscope_builder_update_call_sites (MemscopeSessionBuilder *self)
{
  MemscopeSession *session = self->session;

  if (self->symbols_changed)
    {
      for (MemscopeStackId id = 1; id < session->sites.n; id++)
        set_site (&memscope_table_index (&session->sites, MemscopeSite, id), judge_stack (self, id));
      self->symbols_changed = FALSE;
    }

  for (MemscopeStackId id = session->sites.n; id < session->stacks.n; id++)
    {
      MemscopeSite site = judge_stack (self, id);

      memscope_table_append (&session->sites, &site);
    }
}
