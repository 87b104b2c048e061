/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "config.h"

#include "memscope-target.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "memscope-elf.h"

G_DEFINE_QUARK (memscope-target-error-quark, memscope_target_error)

#define MAX_SCRIPT_DEPTH 5       /* the kernel's own limit for scripts run by scripts */
#define DEFAULT_PATH     "/bin:/usr/bin"

/* ---- finding it, as execvp() does -------------------------------------------- */

static gboolean
is_runnable (const char *path,
             gboolean   *denied)
{
  struct stat status;

  if (stat (path, &status) != 0)
    {
      *denied |= errno == EACCES;
      return FALSE;
    }

  if (S_ISREG (status.st_mode) && access (path, X_OK) == 0)
    return TRUE;

  *denied = TRUE;

  return FALSE;
}

char *
memscope_target_find (const char  *program,
                      const char  *search_path,
                      GError     **error)
{
  g_auto(GStrv) directories = NULL;
  gboolean denied = FALSE;

  if (strchr (program, '/') != NULL)
    {
      if (is_runnable (program, &denied))
        return g_strdup (program);
      directories = g_new0 (char *, 1);
    }
  else
    {
      directories = g_strsplit (search_path != NULL ? search_path : DEFAULT_PATH, ":", -1);
    }

  for (guint i = 0; *program != '\0' && directories[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (*directories[i] != '\0' ? directories[i] : ".", program, NULL);

      if (is_runnable (path, &denied))
        return g_steal_pointer (&path);
    }

  if (denied)
    g_set_error (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_NOT_EXECUTABLE,
                 _("“%s” is not a program that may be executed"), program);
  else
    g_set_error (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_NOT_FOUND,
                 _("There is no program “%s”"), program);

  return NULL;
}

/* ---- what kind of program it is ------------------------------------------------- */

static gboolean
refuse (GError     **error,
        const char  *reason,
        const char  *path)
{
  g_autofree char *name = g_path_get_basename (path);

  g_set_error (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_UNSUPPORTED, "“%s” %s", name, reason);

  return FALSE;
}

static gboolean
check_privileges (const char   *path,
                  int           fd,
                  GError      **error)
{
  struct stat status;

  if (fstat (fd, &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)) != 0)
    return refuse (error, _("can’t be recorded: it runs with another user’s rights (setuid), and the system loads nothing into such programs"), path);

  if (geteuid () != 0 && fgetxattr (fd, "security.capability", NULL, 0) > 0)
    return refuse (error, _("can’t be recorded: it runs with capabilities of its own, and the system loads nothing into such programs"), path);

  return TRUE;
}

static gboolean
is_sanitizer_library (const char *name)
{
  static const char *const prefixes[] = {
    "libasan.so", "libtsan.so", "liblsan.so", "libhwasan.so",
    "libclang_rt.asan", "libclang_rt.tsan", "libclang_rt.msan", "libclang_rt.lsan", "libclang_rt.hwasan",
  };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (name, prefixes[i]))
      return TRUE;

  return FALSE;
}

static gboolean
is_sanitizer_symbol (const char *name)
{
  static const char *const symbols[] = { "__asan_init", "__tsan_init", "__msan_init", "__lsan_init", "__hwasan_init" };

  for (guint i = 0; i < G_N_ELEMENTS (symbols); i++)
    if (strcmp (name, symbols[i]) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
needs_sanitizer (Elf      *elf,
                 Elf_Scn  *section,
                 GElf_Shdr *header)
{
  Elf_Data *data = elf_getdata (section, NULL);
  gsize n = data != NULL && header->sh_entsize != 0 ? data->d_size / header->sh_entsize : 0;

  for (gsize i = 0; i < n && i <= G_MAXINT; i++)
    {
      GElf_Dyn entry;
      const char *name;

      if (gelf_getdyn (data, (int)i, &entry) == NULL || entry.d_tag == DT_NULL)
        break;

      if (entry.d_tag == DT_NEEDED &&
          (name = elf_strptr (elf, header->sh_link, entry.d_un.d_val)) != NULL && is_sanitizer_library (name))
        return TRUE;
    }

  return FALSE;
}

static gboolean
has_sanitizer_symbol (Elf       *elf,
                      Elf_Scn   *section,
                      GElf_Shdr *header)
{
  Elf_Data *data = elf_getdata (section, NULL);
  gsize n = data != NULL && header->sh_entsize != 0 ? data->d_size / header->sh_entsize : 0;

  for (gsize i = 0; i < n && i <= G_MAXINT; i++)
    {
      GElf_Sym symbol;
      const char *name;

      if (gelf_getsym (data, (int)i, &symbol) != NULL && symbol.st_shndx != SHN_UNDEF &&
          (name = elf_strptr (elf, header->sh_link, symbol.st_name)) != NULL && is_sanitizer_symbol (name))
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_sanitizer_built (Elf *elf)
{
  for (Elf_Scn *section = elf_nextscn (elf, NULL); section != NULL; section = elf_nextscn (elf, section))
    {
      GElf_Shdr header;

      if (gelf_getshdr (section, &header) == NULL)
        continue;

      if (header.sh_type == SHT_DYNAMIC && needs_sanitizer (elf, section, &header))
        return TRUE;

      if ((header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB) &&
          has_sanitizer_symbol (elf, section, &header))
        return TRUE;
    }

  return FALSE;
}

static gboolean
has_interpreter (Elf *elf)
{
  size_t n = 0;

  if (elf_getphdrnum (elf, &n) != 0)
    return FALSE;

  for (size_t i = 0; i < n && i <= G_MAXINT; i++)
    {
      GElf_Phdr header;

      if (gelf_getphdr (elf, (int)i, &header) != NULL && header.p_type == PT_INTERP)
        return TRUE;
    }

  return FALSE;
}

/* Then what is preloaded is never called. */
static gboolean
has_allocator (const char *path)
{
  static const char *const symbols[] = { "malloc", "free", NULL };

  return memscope_elf_defines_all (path, symbols);
}

static gboolean
check_elf (const char  *path,
           Elf         *elf,
           GError     **error)
{
  GElf_Ehdr header;

  if (gelf_getehdr (elf, &header) == NULL)
    return refuse (error, _("can’t be recorded: its ELF header can’t be read"), path);

  if (header.e_machine != EM_X86_64 || header.e_ident[EI_CLASS] != ELFCLASS64)
    return refuse (error, _("can’t be recorded: it is not a 64-bit x86 program"), path);

  if (!has_interpreter (elf))
    return refuse (error, _("can’t be recorded: it is linked statically, so nothing can be loaded into it"), path);

  if (is_sanitizer_built (elf))
    return refuse (error, _("can’t be recorded: it is built with a sanitizer, which needs the allocator for itself"), path);

  if (has_allocator (path))
    return refuse (error, _("can’t be recorded: it has an allocator of its own built in, which comes before any that is loaded"), path);

  return TRUE;
}

/* The interpreter behind `#!`, or NULL. */
static char *
read_interpreter (int fd)
{
  char head[257];
  ssize_t n = pread (fd, head, sizeof head - 1, 0);
  char *start;

  if (n < 2 || head[0] != '#' || head[1] != '!')
    return NULL;

  head[n] = '\0';
  start = head + 2 + strspn (head + 2, " \t");
  start[strcspn (start, " \t\n")] = '\0';

  return *start != '\0' ? g_strdup (start) : NULL;
}

static gboolean
check_file (const char  *path,
            guint        depth,
            GError     **error);

static gboolean
check_content (const char  *path,
               int          fd,
               guint        depth,
               GError     **error)
{
  g_autofree char *interpreter = read_interpreter (fd);
  gboolean ok = TRUE;
  Elf *elf;

  if (interpreter != NULL)
    return check_file (interpreter, depth + 1, error);

  if (!check_privileges (path, fd, error))
    return FALSE;

  elf_version (EV_CURRENT);
  elf = elf_begin (fd, ELF_C_READ, NULL);
  if (elf != NULL && elf_kind (elf) == ELF_K_ELF)
    ok = check_elf (path, elf, error);
  elf_end (elf);

  /* Anything else execvp() gives to the shell. */
  return ok;
}

static gboolean
check_file (const char  *path,
            guint        depth,
            GError     **error)
{
  gboolean ok;
  int fd;

  if (depth > MAX_SCRIPT_DEPTH)
    return refuse (error, _("can’t be run: too many scripts that run each other"), path);

  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  /* What may be run but not read is left to the kernel. */
  if (fd < 0 && errno == EACCES)
    return TRUE;

  if (fd < 0)
    {
      g_set_error (error, MEMSCOPE_TARGET_ERROR, MEMSCOPE_TARGET_ERROR_NOT_FOUND,
                   "“%s”: %s", path, g_strerror (errno));
      return FALSE;
    }

  ok = check_content (path, fd, depth, error);
  close (fd);

  return ok;
}

gboolean
memscope_target_check (const char  *path,
                       GError     **error)
{
#ifdef __x86_64__
  return check_file (path, 0, error);
#else
  return refuse (error, _("can’t be recorded: recording works on 64-bit x86 only"), path);
#endif
}
