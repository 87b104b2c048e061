// SPDX-License-Identifier: GPL-3.0-or-later
// What the golden recordings of other tools are of.
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

static void *keep[64];

__attribute__ ((noinline)) static void
leak (int n)
{
  for (int i = 0; i < n; i++)
    keep[i] = malloc (100 + i);
}

__attribute__ ((noinline)) static char *
grow (void)
{
  char *text = nullptr;
  for (size_t size = 16; size <= 65536; size *= 4)
    text = static_cast<char *> (realloc (text, size));
  return text;
}

__attribute__ ((noinline)) static void
churn (int n)
{
  for (int i = 0; i < n; i++)
    free (calloc (4, 50));
}

int
main ()
{
  std::vector<std::string> words;
  leak (20);
  for (int i = 0; i < 50; i++)
    words.push_back (std::string (40, 'x'));
  char *text = grow ();
  churn (30);
  std::thread (churn, 10).join ();
  free (text);
  return 0;
}
