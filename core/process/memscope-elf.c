/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-elf.h"

#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#define MAX_SYMBOLS 8u

static Elf *
open_elf (const char *path,
          int        *fd)
{
  Elf *elf;

  *fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0)
    return NULL;

  elf_version (EV_CURRENT);
  elf = elf_begin (*fd, ELF_C_READ_MMAP, NULL);
  if (elf != NULL && elf_kind (elf) == ELF_K_ELF && gelf_getclass (elf) == ELFCLASS64)
    return elf;

  elf_end (elf);
  close (*fd);

  return NULL;
}

static void
close_elf (Elf *elf,
           int  fd)
{
  elf_end (elf);
  close (fd);
}

/* The bytes are the file's: they may lack their NUL. */
static char *
read_interpreter (Elf *elf)
{
  size_t n = 0;

  if (elf_getphdrnum (elf, &n) != 0)
    return NULL;

  for (size_t i = 0; i < n && i <= G_MAXINT; i++)
    {
      GElf_Phdr header;
      Elf_Data *data;

      if (gelf_getphdr (elf, (int)i, &header) == NULL || header.p_type != PT_INTERP ||
          (data = elf_getdata_rawchunk (elf, (int64_t)header.p_offset, header.p_filesz, ELF_T_BYTE)) == NULL)
        continue;

      return g_strndup (data->d_buf, data->d_size);
    }

  return NULL;
}

char *
memscope_elf_find_interpreter (const char *path)
{
  char *interpreter;
  int fd;
  Elf *elf = open_elf (path, &fd);

  if (elf == NULL)
    return NULL;

  interpreter = read_interpreter (elf);
  close_elf (elf, fd);

  return interpreter;
}

/* Marks in *@found those of @symbols that the section defines. Libraries have many: the
 * table is read as it lies there, in memory of the file's own.
 */
static void
look_through (Elf                *elf,
              Elf_Scn            *section,
              const GElf_Shdr    *header,
              const char * const *symbols,
              guint              *found)
{
  Elf_Data *data = elf_getdata (section, NULL);
  Elf_Data *names = elf_getdata (elf_getscn (elf, header->sh_link), NULL);
  const Elf64_Sym *table = data != NULL ? data->d_buf : NULL;
  gsize n = table != NULL && names != NULL && names->d_buf != NULL ? data->d_size / sizeof *table : 0;

  for (gsize i = 0; i < n; i++)
    for (guint j = 0; symbols[j] != NULL && j < MAX_SYMBOLS; j++)
      {
        gsize length = strlen (symbols[j]) + 1;

        if (table[i].st_shndx != SHN_UNDEF && table[i].st_name < names->d_size && names->d_size - table[i].st_name >= length &&
            memcmp ((const char *)names->d_buf + table[i].st_name, symbols[j], length) == 0)
          *found |= 1u << j;
      }
}

gboolean
memscope_elf_defines_all (const char         *path,
                          const char * const *symbols)
{
  guint found = 0, wanted = (1u << g_strv_length ((char **)symbols)) - 1;
  int fd;
  Elf *elf = open_elf (path, &fd);

  if (elf == NULL)
    return FALSE;

  for (Elf_Scn *section = elf_nextscn (elf, NULL); section != NULL && found != wanted; section = elf_nextscn (elf, section))
    {
      GElf_Shdr header;

      if (gelf_getshdr (section, &header) != NULL && header.sh_type == SHT_DYNSYM)
        look_through (elf, section, &header, symbols, &found);
    }
  close_elf (elf, fd);

  return found == wanted;
}
