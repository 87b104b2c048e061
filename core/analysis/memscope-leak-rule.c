/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-leak-rule.h"

gboolean
memscope_session_is_memscope_rs (MemscopeSession *session)
{
  return g_str_has_prefix (memscope_session_get_format_name (session), "memscope-rs");
}

gboolean
memscope_session_is_final (MemscopeSession *session)
{
  return memscope_session_get_complete (session) &&
         (memscope_session_get_process_ended (session) || memscope_session_is_memscope_rs (session));
}
