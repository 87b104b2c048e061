/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-page-size.h"

#define USUAL    4096u
#define SMALLEST 512u
#define LARGEST  (1u << 20)

guint64
memscope_session_page_size (MemscopeSession *session)
{
  const char *text = memscope_session_get_fact (session, "page_size", NULL);
  guint64 size;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, SMALLEST, LARGEST, &size, NULL) || (size & (size - 1)) != 0)
    return USUAL;

  return size;
}
