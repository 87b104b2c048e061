/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs a fuzz target over files, without libFuzzer: each argument is a file or a folder of
 * them. The folder's own inputs, and each of them cut in the middle and with a bit turned.
 */

#include "config.h"

#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         length);

static guint n_inputs;

static void
try_file (const char *path)
{
  g_autofree char *data = NULL;
  gsize length;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);

  LLVMFuzzerTestOneInput ((const guint8 *)data, length);
  LLVMFuzzerTestOneInput ((const guint8 *)data, length / 2);
  if (length > 0)
    {
      data[length * 2 / 3] ^= 0x10;
      LLVMFuzzerTestOneInput ((const guint8 *)data, length);
    }
  n_inputs++;
}

int
main (int   argc,
      char *argv[])
{
  for (int i = 1; i < argc; i++)
    {
      g_autoptr(GDir) folder = g_dir_open (argv[i], 0, NULL);
      const char *name;

      if (folder == NULL)
        {
          try_file (argv[i]);
          continue;
        }
      while ((name = g_dir_read_name (folder)) != NULL)
        {
          g_autofree char *path = g_build_filename (argv[i], name, NULL);

          if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
            try_file (path);
        }
    }

  g_print ("1..1\nok 1 %u inputs\n", n_inputs);

  return n_inputs > 0 ? 0 : 1;
}
