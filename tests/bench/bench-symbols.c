/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How fast addresses of an ELF file are looked up.
 *
 *   bench-symbols FILE [ADDRESSES]
 *
 * The addresses are spread evenly over the file's code.
 */

#include "config.h"

#include <elf.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "memscope-module-symbols.h"

static void
code_range (const char *path,
            guint64    *low,
            guint64    *high)
{
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  const char *data = file ? g_mapped_file_get_contents (file) : NULL;
  Elf64_Ehdr header;

  *low = G_MAXUINT64;
  *high = 0;

  if (!data)
    g_error ("%s can't be read", path);

  memcpy (&header, data, sizeof header);

  for (guint i = 0; i < header.e_phnum; i++)
    {
      Elf64_Phdr segment;

      memcpy (&segment, data + header.e_phoff + i * sizeof segment, sizeof segment);

      if (segment.p_type != PT_LOAD || !(segment.p_flags & PF_X))
        continue;

      *low = MIN (*low, segment.p_vaddr);
      *high = MAX (*high, segment.p_vaddr + segment.p_memsz);
    }
}

int
main (int   argc,
      char *argv[])
{
  guint n = argc > 2 ? (guint)atoi (argv[2]) : 10000;
  g_autoptr(MemscopeModuleSymbols) symbols = NULL;
  g_autoptr(GArray) resolved = g_array_new (FALSE, FALSE, sizeof (MemscopeResolved));
  g_autoptr(GError) error = NULL;
  guint n_known = 0, n_lines = 0, n_inlined = 0;
  guint64 low, high;
  gint64 start, opened;

  if (argc < 2)
    return 2;

  code_range (argv[1], &low, &high);
  start = g_get_monotonic_time ();

  if (!(symbols = memscope_module_symbols_new (argv[1], NULL, 0, &error)))
    g_error ("%s", error->message);

  opened = g_get_monotonic_time ();

  for (guint i = 0; i < n; i++)
    {
      g_array_set_size (resolved, 0);

      if (!memscope_module_symbols_resolve (symbols, low + (high - low) / n * i, resolved))
        continue;

      n_known++;
      n_inlined += resolved->len - 1;
      n_lines += g_array_index (resolved, MemscopeResolved, 0).line != 0;
    }

  g_print ("opened in %.3f s, %u addresses in %.3f s: %u with a function, %u with a line, %u inlined\n",
           (double)(opened - start) / 1e6, n, (double)(g_get_monotonic_time () - opened) / 1e6,
           n_known, n_lines, n_inlined);

  return 0;
}
