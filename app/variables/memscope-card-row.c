/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "memscope-card-row.h"
#include "memscope-text.h"

#define MARGIN 6   /* above and below cards */

struct _MemscopeCardRow
{
  GtkBox             parent_instance;

  MemscopeViewState *state;
  MemscopeCardLine  *line;

  GtkWidget         *header;
  GtkWidget         *toggle;
  GtkImage          *arrow;
  GtkLabel          *title;
  GtkWidget         *category;       /* a pill of the two below */
  GtkImage          *category_icon;
  GtkLabel          *category_word;
  GtkLabel          *count;
  GtkWidget         *only;
  GtkLabel          *live;
  GtkLevelBar       *share;
  GtkWidget         *cards;
  GPtrArray         *card_widgets;   /* in `cards`, as many as were ever needed */
  GtkWidget         *table_line;     /* NULL: never needed */
};

enum {
  TOGGLED,
  ONLY_THREAD,
  N_SIGNALS
};

G_DEFINE_FINAL_TYPE (MemscopeCardRow, memscope_card_row, GTK_TYPE_BOX)

static guint signals[N_SIGNALS];

static const char *
category_word (MemscopeThreadCategory category)
{
  switch (category)
    {
    case MEMSCOPE_CATEGORY_CPU:
      return _("CPU-intensive");
    case MEMSCOPE_CATEGORY_IO:
      return _("I/O-intensive");
    case MEMSCOPE_CATEGORY_MEMORY:
      return _("memory-intensive");
    case MEMSCOPE_CATEGORY_ASYNC:
      return _("async-intensive");
    case MEMSCOPE_CATEGORY_MIXED:
      return _("mixed");
    case MEMSCOPE_CATEGORY_NOT_RECORDED:
    default:
      return _("category not recorded");
    }
}

/* NULL where there is nothing to show a picture of. */
static const char *
category_icon (MemscopeThreadCategory category)
{
  switch (category)
    {
    case MEMSCOPE_CATEGORY_CPU:
      return "memscope-category-cpu-symbolic";
    case MEMSCOPE_CATEGORY_IO:
      return "memscope-category-io-symbolic";
    case MEMSCOPE_CATEGORY_MEMORY:
      return "memscope-category-memory-symbolic";
    case MEMSCOPE_CATEGORY_ASYNC:
      return "memscope-category-async-symbolic";
    case MEMSCOPE_CATEGORY_MIXED:
      return "memscope-category-mixed-symbolic";
    case MEMSCOPE_CATEGORY_NOT_RECORDED:
    default:
      return NULL;
    }
}

static char *
dup_category_meaning (void)
{
  const MemscopeCategoryThresholds *t = &memscope_category_thresholds;

  return g_strdup_printf (_("What the thread did in the range, from samples of /proc:\n"
                            "CPU: on a processor for at least %.0f %% of the time\n"
                            "I/O: blocked in at least %.0f %% of the samples, or moving much data\n"
                            "memory: among the busiest allocators, at least %.0f allocations/s\n"
                            "async: at least %.0f voluntary switches/s and on a processor below %.0f %%"),
                          t->cpu_share * 100, t->io_blocked_share * 100, t->memory_births_per_second,
                          t->async_switches_per_second, t->async_cpu_share * 100);
}

static void
memscope_card_row_toggle_clicked (MemscopeCardRow *self)
{
  if (self->line != NULL)
    g_signal_emit (self, signals[TOGGLED], 0, self->line->section);
}

static void
memscope_card_row_only_clicked (MemscopeCardRow *self)
{
  if (self->line != NULL)
    g_signal_emit (self, signals[ONLY_THREAD], 0, self->line->set->sections[self->line->section].key);
}

static GtkWidget *
dim_label (const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, style);

  return label;
}

static void
memscope_card_row_create_header (MemscopeCardRow *self)
{
  GtkWidget *inner = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->header = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  self->toggle = gtk_button_new ();
  self->arrow = GTK_IMAGE (gtk_image_new ());
  self->title = GTK_LABEL (dim_label ("card-title"));
  self->category = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->category_icon = GTK_IMAGE (gtk_image_new ());
  self->category_word = GTK_LABEL (gtk_label_new (NULL));
  self->count = GTK_LABEL (dim_label ("dim"));
  self->only = gtk_button_new_with_label (_("Only this thread"));
  self->live = GTK_LABEL (dim_label ("caption"));
  self->share = GTK_LEVEL_BAR (gtk_level_bar_new ());

  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_ellipsize (self->category_word, PANGO_ELLIPSIZE_END);
  gtk_image_set_pixel_size (self->category_icon, 14);
  gtk_widget_add_css_class (self->category, "category");
  gtk_box_append (GTK_BOX (self->category), GTK_WIDGET (self->category_icon));
  gtk_box_append (GTK_BOX (self->category), GTK_WIDGET (self->category_word));
  gtk_box_append (GTK_BOX (inner), GTK_WIDGET (self->arrow));
  gtk_box_append (GTK_BOX (inner), GTK_WIDGET (self->title));
  gtk_button_set_child (GTK_BUTTON (self->toggle), inner);
  gtk_widget_add_css_class (self->toggle, "flat");
  gtk_widget_add_css_class (self->toggle, "row-button");
  gtk_widget_add_css_class (self->only, "flat");
  gtk_widget_add_css_class (self->only, "link-small");
  gtk_widget_add_css_class (GTK_WIDGET (self->live), "dim");
  gtk_widget_add_css_class (GTK_WIDGET (self->share), "thin");
  gtk_widget_set_valign (self->only, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->category, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self->share), GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (GTK_WIDGET (self->share), 68, -1);
  gtk_widget_set_hexpand (GTK_WIDGET (self->live), TRUE);
  gtk_widget_set_halign (GTK_WIDGET (self->live), GTK_ALIGN_END);

  gtk_box_append (GTK_BOX (self->header), self->toggle);
  gtk_box_append (GTK_BOX (self->header), self->category);
  gtk_box_append (GTK_BOX (self->header), GTK_WIDGET (self->count));
  gtk_box_append (GTK_BOX (self->header), self->only);
  gtk_box_append (GTK_BOX (self->header), GTK_WIDGET (self->live));
  gtk_box_append (GTK_BOX (self->header), GTK_WIDGET (self->share));
  gtk_box_append (GTK_BOX (self), self->header);

  g_signal_connect_swapped (self->toggle, "clicked", G_CALLBACK (memscope_card_row_toggle_clicked), self);
  g_signal_connect_swapped (self->only, "clicked", G_CALLBACK (memscope_card_row_only_clicked), self);
}

static void
memscope_card_row_show_header (MemscopeCardRow *self)
{
  MemscopeCardSet *set = self->line->set;
  MemscopeSession *session = set->session;
  const MemscopeCardSection *section = &set->sections[self->line->section];
  g_autofree char *raw = set->options.by_variable ? memscope_text_variable (session, section->key)
                                                  : memscope_session_dup_thread_label (session, section->key);
  g_autofree char *title = memscope_text_clip (raw, MEMSCOPE_TEXT_LABEL_CHARS);
  /* Translators: matched / all of a group of cards */
  g_autofree char *count = g_strdup_printf (_("%u / %u"), section->n, section->total);
  g_autofree char *spoken_count = g_strdup_printf (ngettext ("%u of %u matches", "%u of %u match", section->n), section->n, section->total);
  g_autofree char *size = memscope_text_size (section->live_bytes);
  g_autofree char *live = g_strdup_printf (_("%s live"), size);

  gtk_image_set_from_icon_name (self->arrow, self->line->collapsed ? "pan-end-symbolic" : "pan-down-symbolic");
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->count, count);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->count), spoken_count);
  gtk_label_set_text (self->live, live);
  gtk_level_bar_set_max_value (self->share, (double) MAX (set->live_bytes, 1));
  gtk_level_bar_set_value (self->share, section->live_bytes);

  gtk_widget_set_visible (self->category, !set->options.by_variable);
  gtk_widget_set_visible (self->only, !set->options.by_variable && set->n_sections > 1 && self->line->columns > 1);
  gtk_widget_set_visible (GTK_WIDGET (self->live), self->line->columns > 1);
  gtk_widget_set_visible (GTK_WIDGET (self->share), self->line->columns > 1);
  if (!set->options.by_variable)
    {
      g_autofree char *meaning = dup_category_meaning ();
      const char *icon = category_icon (section->category);

      gtk_image_set_from_icon_name (self->category_icon, icon);
      gtk_widget_set_visible (GTK_WIDGET (self->category_icon), icon != NULL);
      gtk_label_set_text (self->category_word, category_word (section->category));
      gtk_widget_set_tooltip_text (self->category, meaning);
    }

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->toggle), GTK_ACCESSIBLE_STATE_EXPANDED, !self->line->collapsed, -1);
}

static void
memscope_card_row_show_cards (MemscopeCardRow *self)
{
  MemscopeCardLine *line = self->line;

  while (self->card_widgets->len < line->columns)
    {
      GtkWidget *card = memscope_variable_card_new ();

      gtk_box_append (GTK_BOX (self->cards), card);
      g_ptr_array_add (self->card_widgets, card);
    }

  /* Places of a last, shorter line stay empty: its cards are as wide as the others. */
  for (guint i = 0; i < self->card_widgets->len; i++)
    {
      GtkWidget *card = g_ptr_array_index (self->card_widgets, i);

      gtk_widget_set_visible (card, i < line->columns);
      gtk_widget_set_sensitive (card, i < line->n);
      gtk_widget_set_opacity (card, i < line->n ? 1 : 0);
      gtk_widget_set_can_target (card, i < line->n);
      if (i < line->n)
        memscope_variable_card_set (MEMSCOPE_VARIABLE_CARD (card), self->state,
                                    memscope_card_set_get_group (line->set, line->first + i), line->first + i);
    }
}

static void
memscope_card_row_show_table_line (MemscopeCardRow *self)
{
  MemscopeCardLine *line = self->line;

  if (self->table_line == NULL)
    {
      self->table_line = memscope_variable_card_new_line ();
      gtk_box_append (GTK_BOX (self), self->table_line);
    }
  memscope_variable_card_set (MEMSCOPE_VARIABLE_CARD (self->table_line), self->state,
                              memscope_card_set_get_group (line->set, line->first), line->first);
}

static void
memscope_card_row_dispose (GObject *object)
{
  MemscopeCardRow *self = MEMSCOPE_CARD_ROW (object);

  g_clear_object (&self->state);
  g_clear_object (&self->line);
  g_clear_pointer (&self->card_widgets, g_ptr_array_unref);

  G_OBJECT_CLASS (memscope_card_row_parent_class)->dispose (object);
}

static void
memscope_card_row_class_init (MemscopeCardRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = memscope_card_row_dispose;

  signals[TOGGLED] = g_signal_new ("toggled", MEMSCOPE_TYPE_CARD_ROW, G_SIGNAL_RUN_LAST,
                                   0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[ONLY_THREAD] = g_signal_new ("only-thread", MEMSCOPE_TYPE_CARD_ROW, G_SIGNAL_RUN_LAST,
                                       0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
memscope_card_row_init (MemscopeCardRow *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  memscope_card_row_create_header (self);
  self->cards = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_box_set_homogeneous (GTK_BOX (self->cards), TRUE);
  gtk_box_append (GTK_BOX (self), self->cards);
  self->card_widgets = g_ptr_array_new ();
}

GtkWidget *
memscope_card_row_new (void)
{
  return g_object_new (MEMSCOPE_TYPE_CARD_ROW, NULL);
}

void
memscope_card_row_set_line (MemscopeCardRow   *self,
                            MemscopeViewState *state,
                            MemscopeCardLine  *line)
{
  g_return_if_fail (MEMSCOPE_IS_CARD_ROW (self));

  g_set_object (&self->state, state);
  g_set_object (&self->line, line);
  gtk_widget_set_visible (self->header, line->n == 0);
  gtk_widget_set_visible (self->cards, line->n > 0 && line->columns > 0);
  gtk_widget_set_margin_top (GTK_WIDGET (self), line->columns > 0 ? MARGIN : 0);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self), line->columns > 0 ? MARGIN : 0);
  if (line->n == 0)
    memscope_card_row_show_header (self);
  else if (line->columns > 0)
    memscope_card_row_show_cards (self);
  else
    memscope_card_row_show_table_line (self);
  if (self->table_line != NULL)
    gtk_widget_set_visible (self->table_line, line->columns == 0);
}

gboolean
memscope_card_row_is_header (MemscopeCardRow *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_CARD_ROW (self), FALSE);

  return self->line != NULL && self->line->n == 0;
}

MemscopeVariableCard *
memscope_card_row_find_card (MemscopeCardRow *self,
                             guint            position)
{
  g_return_val_if_fail (MEMSCOPE_IS_CARD_ROW (self), NULL);

  if (self->line == NULL || position < self->line->first || position >= self->line->first + self->line->n)
    return NULL;

  if (self->line->columns == 0)
    return MEMSCOPE_VARIABLE_CARD (self->table_line);

  return g_ptr_array_index (self->card_widgets, position - self->line->first);
}
