/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The FFI passport: which module and language allocated the block, what boundaries
 * the call crossed, who freed it. Stamps say where each fact comes from.
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "memscope-format.h"
#include "memscope-inspector-parts.h"
#include "memscope-text.h"

#define MAX_SEGMENTS 8u
#define MAX_FRAMES   256u

typedef enum
{
  EVIDENCE_NONE,
  EVIDENCE_UNIT,       /* the compilation unit says the language */
  EVIDENCE_MANGLING,   /* inferred from how the symbol's name is made */
} Evidence;

/* Frames in a row of one module and one language. */
typedef struct
{
  MemscopeModuleId module;
  guint32          language;
  Evidence         evidence;
  MemscopeFrameId  innermost;
} Segment;

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

static Segment
segment_of_frame (MemscopeSession *session,
                  MemscopeFrameId  frame)
{
  Segment segment = { .innermost = frame };
  const MemscopeSymbol *symbols;
  MemscopeFrame entry;

  if (memscope_session_get_frame (session, frame, &entry))
    segment.module = entry.module;
  if (memscope_session_get_symbols (session, frame, &symbols) > 0)
    {
      segment.language = symbols[0].language;
      segment.evidence = segment.language != MEMSCOPE_LANGUAGE_UNKNOWN ? EVIDENCE_UNIT : EVIDENCE_NONE;
      if (segment.language == MEMSCOPE_LANGUAGE_UNKNOWN)
        {
          segment.language = language_from_name (session, &symbols[0]);
          if (segment.language != MEMSCOPE_LANGUAGE_UNKNOWN)
            segment.evidence = EVIDENCE_MANGLING;
        }
    }

  return segment;
}

/* Where language is not known on either side, only the module makes a boundary. */
static gboolean
is_boundary (const Segment *inner,
             const Segment *outer)
{
  if (inner->module != outer->module)
    return TRUE;
  return inner->language != MEMSCOPE_LANGUAGE_UNKNOWN && outer->language != MEMSCOPE_LANGUAGE_UNKNOWN &&
         inner->language != outer->language;
}

/* From the call site outwards: the allocator and its wrappers are no boundary. */
static guint
find_segments (MemscopeSession *session,
               MemscopeStackId  stack,
               Segment         *segments)
{
  MemscopeFrameId site = stack != 0 ? memscope_session_get_call_site (session, stack) : 0;
  MemscopeStackId parent;
  MemscopeFrameId frame;
  gboolean reached = FALSE;
  guint n = 0;

  for (guint depth = 0;
       stack != 0 && depth < MAX_FRAMES && memscope_session_get_stack_node (session, stack, &parent, &frame);
       depth++, stack = parent)
    {
      Segment segment;

      reached |= frame == site;
      if (!reached || frame == 0)
        continue;
      segment = segment_of_frame (session, frame);
      if (n > 0 && !is_boundary (&segments[n - 1], &segment))
        continue;
      if (n == MAX_SEGMENTS)
        break;
      segments[n++] = segment;
    }

  return n;
}

static const char *
language_word (guint32 language)
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

static const char *
language_style (guint32 language)
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

static const char *
evidence_text (Evidence evidence)
{
  switch (evidence)
    {
    case EVIDENCE_UNIT:
      return _("language from the compilation unit");
    case EVIDENCE_MANGLING:
      return _("language inferred from the mangled name");
    case EVIDENCE_NONE:
    default:
      return _("language not recorded");
    }
}

/* "Rust code in tls_shim" */
static char *
dup_code_in (MemscopeSession *session,
             const Segment   *segment)
{
  g_autofree char *module = memscope_part_module (session, segment->module);
  g_autofree char *isolated = memscope_text_isolate (module);
  const char *language = language_word (segment->language);

  if (segment->module == 0)
    return language != NULL ? g_strdup_printf (_("%s code in a module that was not recorded"), language)
                            : g_strdup (_("code whose module was not recorded"));
  if (language == NULL)
    return g_strdup_printf (_("code in %s"), isolated);
  return g_strdup_printf (_("%s code in %s"), language, isolated);
}

static void
add_stamp (GtkWidget       *list,
           MemscopeSession *session,
           const Segment   *segment,
           const char      *title,
           const char      *aside,
           const char      *time)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  const char *language = language_word (segment->language);
  GtkWidget *seal = gtk_label_new (language != NULL ? language : "?");
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title_label = memscope_part_wrapped (title, "card-title");
  g_autofree char *function = NULL;
  g_autofree char *place = NULL;
  g_autofree char *where = NULL;

  gtk_widget_add_css_class (seal, "seal");
  gtk_widget_add_css_class (seal, language_style (segment->language));
  gtk_widget_set_valign (seal, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (seal, evidence_text (segment->evidence));

  gtk_widget_set_hexpand (title_label, TRUE);
  gtk_box_append (GTK_BOX (head), title_label);
  gtk_box_append (GTK_BOX (head), memscope_part_label (time, "code dim numeric"));
  gtk_box_append (GTK_BOX (card), head);
  if (segment->innermost != 0)
    {
      memscope_part_frame (session, segment->innermost, &function, &place);
      where = *place != '\0' ? g_strdup_printf ("%s · %s", function, place) : g_strdup (function);
      gtk_box_append (GTK_BOX (card), memscope_part_wrapped (where, "code"));
    }
  if (aside != NULL)
    gtk_box_append (GTK_BOX (card), memscope_part_wrapped (aside, "caption dim"));
  gtk_box_append (GTK_BOX (card), memscope_part_wrapped (evidence_text (segment->evidence), "caption dim"));
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "panel");
  gtk_widget_set_hexpand (card, TRUE);

  gtk_box_append (GTK_BOX (row), seal);
  gtk_box_append (GTK_BOX (row), card);
  gtk_box_append (GTK_BOX (list), row);
}

static void
add_crossing (GtkWidget       *list,
              MemscopeSession *session,
              const Segment   *from,
              const Segment   *to)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *from_module = memscope_part_module (session, from->module);
  g_autofree char *to_module = memscope_part_module (session, to->module);
  g_autofree char *from_isolated = memscope_text_isolate (from_module);
  g_autofree char *to_isolated = memscope_text_isolate (to_module);
  g_autofree char *text = NULL;
  gboolean by_language = from->module == to->module;
  gboolean inferred = by_language && (from->evidence == EVIDENCE_MANGLING || to->evidence == EVIDENCE_MANGLING);

  if (by_language)
    text = g_strdup_printf ("%s → %s", language_word (from->language), language_word (to->language));
  else
    text = g_strdup_printf ("%s → %s", from_isolated, to_isolated);

  gtk_widget_set_margin_start (row, 62);
  gtk_box_append (GTK_BOX (row), gtk_image_new_from_icon_name ("memscope-event-handed-symbolic"));
  gtk_box_append (GTK_BOX (row), memscope_part_wrapped (text, "caption dim"));
  gtk_box_append (GTK_BOX (row), memscope_part_label (inferred ? _("inferred") : _("observed"), "tag"));
  gtk_box_append (GTK_BOX (list), row);
}

static void
add_verdict (GtkBox     *page,
             const char *text,
             const char *style)
{
  GtkWidget *label = memscope_part_wrapped (text, "verdict");

  gtk_widget_add_css_class (label, style);
  gtk_widget_set_halign (label, GTK_ALIGN_START);
  gtk_box_append (page, label);
}

static void
fill_verdict (GtkBox              *page,
              MemscopeSession     *session,
              const MemscopeBlock *block,
              const Segment       *born,
              guint                n_born,
              const Segment       *freed,
              guint                n_freed)
{
  g_autofree char *birth = NULL;
  g_autofree char *death = NULL;
  g_autofree char *text = NULL;

  if (n_born == 0)
    {
      add_verdict (page, _("No stack was recorded, so nothing is known of boundaries."), "unknown");
      return;
    }

  birth = dup_code_in (session, &born[0]);
  if (n_freed > 0)
    {
      death = dup_code_in (session, &freed[0]);
      text = g_strdup_printf (_("Allocated by %s, freed by %s"), birth, death);
      add_verdict (page, text, is_boundary (&born[0], &freed[0]) ? "warning" : "ok");
      return;
    }

  if (block->death_time == MEMSCOPE_NEVER)
    text = g_strdup_printf (_("Allocated by %s, not freed in the recording"), birth);
  else
    text = g_strdup_printf (_("Allocated by %s; who freed it was not recorded"), birth);
  add_verdict (page, text, "note");

  if (n_born == 1 && born[0].module != 0)
    {
      g_autofree char *module = memscope_part_module (session, born[0].module);
      g_autofree char *isolated = memscope_text_isolate (module);
      g_autofree char *stayed = g_strdup_printf (_("The allocating call stayed inside %s"), isolated);

      add_verdict (page, stayed, "ok");
    }
}

static void
fill_stamps (GtkBox              *page,
             MemscopeSession     *session,
             const MemscopeBlock *block,
             const Segment       *born,
             guint                n_born,
             const Segment       *freed,
             guint                n_freed)
{
  GtkWidget *list = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  guint64 span = memscope_session_get_duration (session) + 1;
  g_autofree char *birth_time = memscope_text_time (block->birth_time, span);
  g_autofree char *death_time = memscope_text_time (block->death_time, span);
  g_autofree char *size = memscope_text_size (block->size);
  g_autofree char *thread = memscope_session_dup_thread_label (session, block->thread);
  g_autofree char *thread_text = memscope_text_isolate (thread);
  g_autofree char *aside = g_strdup_printf ("%s · %s", thread_text, size);

  for (guint i = n_born; i-- > 0; )
    {
      g_autofree char *code = dup_code_in (session, &born[i]);
      g_autofree char *title = i == 0 ? g_strdup_printf (_("Allocated by %s"), code)
                                      : g_strdup_printf (_("Called through %s"), code);

      add_stamp (list, session, &born[i], title, i == 0 ? aside : NULL, i == 0 ? birth_time : "");
      if (i > 0)
        add_crossing (list, session, &born[i], &born[i - 1]);
    }

  if (n_freed > 0)
    {
      g_autofree char *code = dup_code_in (session, &freed[0]);
      g_autofree char *title = g_strdup_printf (_("Freed by %s"), code);
      g_autofree char *by = block->death_thread != 0 ? memscope_session_dup_thread_label (session, block->death_thread) : NULL;

      if (n_born > 0 && is_boundary (&born[0], &freed[0]))
        add_crossing (list, session, &born[0], &freed[0]);
      add_stamp (list, session, &freed[0], title, by, death_time);
    }

  gtk_box_append (page, list);
}

static void
fill_ends (GtkBox             *page,
           MemscopeInspection *inspection)
{
  g_autofree char *count = memscope_text_count (inspection->n_rows);
  g_autofree char *heading = g_strdup_printf (ngettext ("Its %s block", "All %s blocks", inspection->n_rows), count);
  GtkWidget *card = memscope_part_card (page, heading, NULL);

  for (guint i = 0; i < inspection->n_ends; i++)
    {
      const MemscopeInspectionEnd *end = &inspection->ends[i];
      g_autofree char *module = memscope_part_module (inspection->session, end->module);
      g_autofree char *isolated = memscope_text_isolate (module);
      g_autofree char *blocks = memscope_text_count (end->blocks);
      g_autofree char *share = memscope_text_share ((double) end->blocks / MAX (inspection->n_rows, 1));
      g_autofree char *value = g_strdup_printf ("%s · %s", blocks, share);
      g_autofree char *text = !end->freed ? g_strdup (_("alive at the end"))
                            : end->module != 0 ? g_strdup_printf (_("freed in %s"), isolated)
                            : g_strdup (_("freed; by whom was not recorded"));
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
      GtkWidget *label = memscope_part_wrapped (text, "caption");
      GtkWidget *bar = gtk_level_bar_new_for_interval (0, (double) MAX (inspection->n_rows, 1));

      gtk_widget_set_hexpand (label, TRUE);
      gtk_box_append (GTK_BOX (row), label);
      gtk_box_append (GTK_BOX (row), memscope_part_label (value, "caption numeric"));
      gtk_box_append (GTK_BOX (card), row);
      gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), (double) end->blocks);
      gtk_widget_add_css_class (bar, "thin");
      gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
      gtk_box_append (GTK_BOX (card), bar);
    }
}

void
memscope_inspector_fill_passport (GtkBox             *page,
                                  MemscopeInspection *inspection,
                                  guint64             index)
{
  MemscopeSession *session = inspection->session;
  Segment born[MAX_SEGMENTS], freed[MAX_SEGMENTS];
  guint n_born, n_freed;
  MemscopeBlock block;

  memscope_part_clear (page);
  if (inspection->n_rows == 0)
    return;

  memscope_session_get_block (session, inspection->rows[index], &block);
  n_born = find_segments (session, block.stack, born);
  n_freed = find_segments (session, block.death_stack, freed);

  fill_verdict (page, session, &block, born, n_born, freed, n_freed);
  fill_stamps (page, session, &block, born, n_born, freed, n_freed);
  fill_ends (page, inspection);
}
