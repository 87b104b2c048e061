/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "memscope-map-block-model.h"
#include "memscope-map-region-model.h"
#include "memscope-map-table.h"
#include "memscope-palette.h"
#include "memscope-query.h"
#include "memscope-text.h"

typedef enum
{
  REGION_NAME,
  REGION_LIVE,
  REGION_BLOCKS,
  REGION_FRAGMENTATION,
  REGION_START,
  REGION_SIZE,
  N_REGION_COLUMNS
} RegionColumn;

struct _MemscopeMapTable
{
  AdwBin                  parent_instance;

  MemscopeMapData        *data;
  GCancellable           *query;
  MemscopeMapBlockModel  *blocks;
  MemscopeMapRegionModel *regions;
  GtkSingleSelection     *block_selection;
  GtkSingleSelection     *region_selection;
  guint64                 row;            /* the inspected block */
  gboolean                row_pending;    /* not gone to yet */
  gboolean                filling;        /* choices made by the program, not by a person */

  /* what is asked for */
  guint64                 region_start;   /* UNKNOWN: all of them */
  MemscopeMapColumn       sort_column;
  gboolean                descending;
  int                     asked_column;   /* while a sorter is asked what it sorts by */

  double                  scroll_value;
  guint                   scroll_source;

  GtkLabel               *count_label;
  GtkLabel               *note_label;
  GtkWidget              *map_button;
  GtkStack               *stack;
  GtkPaned               *paned;
  GtkColumnView          *region_view;
  GtkColumnView          *block_view;
  GtkScrolledWindow      *block_scroller;
};

enum {
  INSPECT,
  SHOW_MAP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MemscopeMapTable, memscope_map_table, ADW_TYPE_BIN)

static const struct
{
  const char *title;
  gboolean    is_number;
  gboolean    is_code;
  gboolean    expand;
} block_columns[MEMSCOPE_N_MAP_COLUMNS] = {
  [MEMSCOPE_MAP_COLUMN_ADDRESS]  = { N_("Address"), FALSE, TRUE, FALSE },
  [MEMSCOPE_MAP_COLUMN_SIZE]     = { N_("Size"), TRUE, FALSE, FALSE },
  [MEMSCOPE_MAP_COLUMN_ROUNDING] = { N_("Rounding"), TRUE, FALSE, FALSE },
  [MEMSCOPE_MAP_COLUMN_AGE]      = { N_("Age"), TRUE, FALSE, FALSE },
  [MEMSCOPE_MAP_COLUMN_THREAD]   = { N_("Thread"), FALSE, FALSE, FALSE },
  [MEMSCOPE_MAP_COLUMN_VARIABLE] = { N_("Variable"), FALSE, TRUE, TRUE },
  [MEMSCOPE_MAP_COLUMN_TYPE]     = { N_("Type"), FALSE, TRUE, TRUE },
  [MEMSCOPE_MAP_COLUMN_SITE]     = { N_("Call site"), FALSE, TRUE, TRUE },
  [MEMSCOPE_MAP_COLUMN_STAGE]    = { N_("Stage"), FALSE, FALSE, FALSE },
}, region_columns[N_REGION_COLUMNS] = {
  [REGION_NAME]          = { N_("Region"), FALSE, FALSE, TRUE },
  [REGION_LIVE]          = { N_("Live"), TRUE, FALSE, FALSE },
  [REGION_BLOCKS]        = { N_("Blocks"), TRUE, FALSE, FALSE },
  [REGION_FRAGMENTATION] = { N_("Fragmentation"), TRUE, FALSE, FALSE },
  [REGION_START]         = { N_("Address"), FALSE, TRUE, FALSE },
  [REGION_SIZE]          = { N_("Size"), TRUE, FALSE, FALSE },
};

/* ---- what is listed ------------------------------------------------------------ */

typedef struct
{
  MemscopeMapData   *data;
  guint              region;
  MemscopeMapColumn  column;
  gboolean           descending;
} OrderRequest;

static void
order_request_free (gpointer data)
{
  OrderRequest *request = data;

  memscope_map_data_unref (request->data);
  g_free (request);
}

static gpointer
order_query (MemscopeSession   *session,
             MemscopeSelection *selection,
             gpointer           data,
             GCancellable      *cancellable)
{
  OrderRequest *request = data;

  return memscope_map_order_new (request->data, request->region, request->column, request->descending, cancellable);
}

static gboolean
memscope_map_table_restore_scroll (gpointer user_data)
{
  MemscopeMapTable *self = user_data;

  self->scroll_source = 0;
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->block_scroller), self->scroll_value);

  return G_SOURCE_REMOVE;
}

/* Refilling the model sends the list to its top; it should stay where it was. */
static void
memscope_map_table_keep_scroll (MemscopeMapTable *self)
{
  if (self->scroll_source != 0)
    return;

  self->scroll_value = gtk_adjustment_get_value (gtk_scrolled_window_get_vadjustment (self->block_scroller));
  if (self->scroll_value > 0)
    self->scroll_source = g_timeout_add (40, memscope_map_table_restore_scroll, self);
}

static void
memscope_map_table_mark_row (MemscopeMapTable *self)
{
  MemscopeMapOrder *order = memscope_map_block_model_get_order (self->blocks);
  guint position = order != NULL && self->row != MEMSCOPE_UNKNOWN ? memscope_map_order_find (order, self->row) : G_MAXUINT;
  gboolean go = self->row_pending;

  self->row_pending = FALSE;
  gtk_single_selection_set_selected (self->block_selection, position == G_MAXUINT ? GTK_INVALID_LIST_POSITION : position);
  if (position == G_MAXUINT || !go)
    return;

  /* The action belongs to the list inside. */
  g_clear_handle_id (&self->scroll_source, g_source_remove);
  gtk_widget_activate_action (gtk_widget_get_last_child (GTK_WIDGET (self->block_view)), "list.scroll-to-item", "u", position);
}

static void
memscope_map_table_order_done (gpointer owner,
                               gpointer result)
{
  MemscopeMapTable *self = owner;
  g_autoptr(MemscopeMapOrder) order = result;

  if (order == NULL)
    return;

  memscope_map_table_keep_scroll (self);
  memscope_map_block_model_set_order (self->blocks, order);
  memscope_map_table_mark_row (self);
}

static guint
memscope_map_table_find_region (MemscopeMapTable *self)
{
  const MemscopeAddressMap *map = self->data->map;

  for (guint i = 0; self->region_start != MEMSCOPE_UNKNOWN && i < map->n_regions; i++)
    if (self->region_start >= map->regions[i].start && self->region_start < map->regions[i].end)
      return i;

  return MEMSCOPE_MAP_ALL_REGIONS;
}

static void
memscope_map_table_update_order (MemscopeMapTable *self)
{
  OrderRequest *request;

  if (self->data == NULL)
    return;

  request = g_new0 (OrderRequest, 1);
  request->data = memscope_map_data_ref (self->data);
  request->region = memscope_map_table_find_region (self);
  request->column = self->sort_column;
  request->descending = self->descending;
  memscope_query_run (&self->query, self, self->data->session, self->data->selection,
                      order_query, request, order_request_free,
                      (GDestroyNotify) memscope_map_order_unref, memscope_map_table_order_done);
}

/* ---- sorting by a header ------------------------------------------------------------ */

/* A header's sorter compares nothing: it tells which column is asked first. */
static int
compare_nothing (gconstpointer a,
                 gconstpointer b,
                 gpointer      user_data)
{
  MemscopeMapTable *self = g_object_get_data (G_OBJECT (user_data), "table");

  if (self->asked_column < 0)
    self->asked_column = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (user_data), "column"));

  return 1;
}

static void
memscope_map_table_sorter_changed (MemscopeMapTable *self)
{
  GtkSorter *sorter = gtk_column_view_get_sorter (self->block_view);
  GtkOrdering ordering;

  /* Being taken apart. */
  if (self->blocks == NULL)
    return;

  self->asked_column = -1;
  /* Any two things that are not the same. */
  ordering = gtk_sorter_compare (sorter, self, self->blocks);
  self->sort_column = self->asked_column < 0 ? MEMSCOPE_MAP_COLUMN_ADDRESS : self->asked_column;
  self->descending = self->asked_column >= 0 && ordering == GTK_ORDERING_SMALLER;
  memscope_map_table_update_order (self);
}

/* ---- regions ----------------------------------------------------------------------- */

static char *
dup_region_text (MemscopeMapRegionItem *item,
                 RegionColumn           column)
{
  const MemscopeAddressMap *map = item->data->map;
  const MemscopeMapRegion *region = item->region < map->n_regions ? &map->regions[item->region] : NULL;

  switch (column)
    {
    case REGION_NAME:
      return region != NULL ? memscope_map_region_dup_label (region, item->data->session) : g_strdup (_("All memory"));
    case REGION_START:
      return region != NULL ? g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", region->start) : g_strdup ("");
    case REGION_SIZE:
      return region != NULL ? memscope_text_size (region->end - region->start) : g_strdup ("");
    case REGION_LIVE:
      return memscope_text_size (region != NULL ? region->live_bytes : map->live_bytes);
    case REGION_BLOCKS:
      return memscope_text_count (region != NULL ? region->n_selected : map->n_selected);
    case REGION_FRAGMENTATION:
      if (region == NULL)
        return g_strdup ("");
      return isnan (region->fragmentation) ? g_strdup (_("not known")) : memscope_text_share (region->fragmentation);
    case N_REGION_COLUMNS:
    default:
      return g_strdup ("");
    }
}

static char *
dup_region_tooltip (MemscopeMapRegionItem *item)
{
  const MemscopeAddressMap *map = item->data->map;
  const MemscopeMapRegion *region = item->region < map->n_regions ? &map->regions[item->region] : NULL;
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *label = NULL;

  if (region == NULL)
    return NULL;

  label = memscope_map_region_dup_label (region, item->data->session);
  g_string_append_printf (text, "%s\n0x%" G_GINT64_MODIFIER "x – 0x%" G_GINT64_MODIFIER "x", label, region->start, region->end);
  if (region->path != 0)
    {
      g_autofree char *path = memscope_text_string (item->data->session, region->path, "");

      g_string_append_printf (text, "\n%s", path);
    }
  if (!region->recorded)
    g_string_append_printf (text, "\n%s", _("inferred from the addresses of its blocks"));
  if (region->hole_bytes != MEMSCOPE_UNKNOWN)
    {
      g_autofree char *holes = memscope_text_size (region->hole_bytes);
      g_autofree char *largest = memscope_text_size (region->largest_hole);

      g_string_append_c (text, '\n');
      g_string_append_printf (text, _("%s in holes, the largest %s"), holes, largest);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
memscope_map_table_region_chosen (MemscopeMapTable *self)
{
  MemscopeMapRegionItem *item = gtk_single_selection_get_selected_item (self->region_selection);
  guint64 start;

  if (self->filling || item == NULL)
    return;

  start = item->region < item->data->map->n_regions ? item->data->map->regions[item->region].start : MEMSCOPE_UNKNOWN;
  if (start == self->region_start)
    return;

  self->region_start = start;
  self->row_pending = self->row != MEMSCOPE_UNKNOWN;
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->block_scroller), 0);
  memscope_map_table_update_order (self);
}

static void
memscope_map_table_fill_regions (MemscopeMapTable *self)
{
  guint region = memscope_map_table_find_region (self);

  self->filling = TRUE;
  memscope_map_region_model_set_data (self->regions, self->data);
  gtk_single_selection_set_selected (self->region_selection, region == MEMSCOPE_MAP_ALL_REGIONS ? 0 : region + 1);
  self->filling = FALSE;
}

/* ---- cells ---------------------------------------------------------------------------- */

static GtkWidget *
new_cell_label (gboolean is_number,
                gboolean is_code)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), is_number ? 1 : 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), is_number ? PANGO_ELLIPSIZE_NONE : PANGO_ELLIPSIZE_END);
  if (!is_number)
    gtk_label_set_width_chars (GTK_LABEL (label), 8);
  gtk_widget_add_css_class (label, is_code ? "code" : "numeric");

  return label;
}

static void
setup_block_cell (GtkSignalListItemFactory *factory,
                  GtkListItem              *item,
                  gpointer                  user_data)
{
  MemscopeMapColumn column = GPOINTER_TO_UINT (user_data);
  GtkWidget *label = new_cell_label (block_columns[column].is_number, block_columns[column].is_code);

  if (column == MEMSCOPE_MAP_COLUMN_ADDRESS)
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_NONE);
  if (column == MEMSCOPE_MAP_COLUMN_STAGE)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

      gtk_box_append (GTK_BOX (box), gtk_image_new ());
      gtk_box_append (GTK_BOX (box), label);
      gtk_list_item_set_child (item, box);
      return;
    }

  gtk_list_item_set_child (item, label);
}

static void
bind_block_cell (GtkSignalListItemFactory *factory,
                 GtkListItem              *item,
                 gpointer                  user_data)
{
  static const char *stage_styles[] = { "stage-allocated", "stage-active", "stage-shared", "stage-freed" };
  MemscopeMapColumn column = GPOINTER_TO_UINT (user_data);
  MemscopeMapBlockItem *block = MEMSCOPE_MAP_BLOCK_ITEM (gtk_list_item_get_item (item));
  GtkWidget *child = gtk_list_item_get_child (item);
  g_autofree char *text = memscope_map_block_dup_text (block->order->data, block->index, column);

  if (column == MEMSCOPE_MAP_COLUMN_STAGE)
    {
      MemscopeStage stage = block->order->data->map->stage[block->index];

      gtk_image_set_from_icon_name (GTK_IMAGE (gtk_widget_get_first_child (child)), memscope_stage_get_icon_name (stage));
      gtk_widget_set_css_classes (child, (const char *[]) { "stage", stage_styles[stage], NULL });
      child = gtk_widget_get_last_child (child);
    }

  gtk_label_set_text (GTK_LABEL (child), text);
  if (column == MEMSCOPE_MAP_COLUMN_SIZE)
    {
      g_autofree char *exact = memscope_text_exact_bytes (block->order->data->map->size[block->index]);

      gtk_widget_set_tooltip_text (child, exact);
    }
  else if (!block_columns[column].is_number)
    {
      gtk_widget_set_tooltip_text (child, text);
    }
}

static void
setup_region_cell (GtkSignalListItemFactory *factory,
                   GtkListItem              *item,
                   gpointer                  user_data)
{
  RegionColumn column = GPOINTER_TO_UINT (user_data);

  gtk_list_item_set_child (item, new_cell_label (region_columns[column].is_number, region_columns[column].is_code));
  if (column == REGION_NAME)
    gtk_label_set_width_chars (GTK_LABEL (gtk_list_item_get_child (item)), 18);
  if (column == REGION_START)
    gtk_label_set_ellipsize (GTK_LABEL (gtk_list_item_get_child (item)), PANGO_ELLIPSIZE_NONE);
}

static void
bind_region_cell (GtkSignalListItemFactory *factory,
                  GtkListItem              *item,
                  gpointer                  user_data)
{
  RegionColumn column = GPOINTER_TO_UINT (user_data);
  MemscopeMapRegionItem *region = MEMSCOPE_MAP_REGION_ITEM (gtk_list_item_get_item (item));
  GtkWidget *label = gtk_list_item_get_child (item);
  g_autofree char *text = dup_region_text (region, column);
  g_autofree char *tooltip = dup_region_tooltip (region);

  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (label, tooltip);
}

static void
memscope_map_table_add_columns (MemscopeMapTable *self)
{
  for (RegionColumn column = 0; column < N_REGION_COLUMNS; column++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr(GtkColumnViewColumn) view_column = NULL;

      g_signal_connect (factory, "setup", G_CALLBACK (setup_region_cell), GUINT_TO_POINTER (column));
      g_signal_connect (factory, "bind", G_CALLBACK (bind_region_cell), GUINT_TO_POINTER (column));
      view_column = gtk_column_view_column_new (_(region_columns[column].title), factory);
      gtk_column_view_column_set_expand (view_column, region_columns[column].expand);
      gtk_column_view_column_set_resizable (view_column, TRUE);
      gtk_column_view_append_column (self->region_view, view_column);
    }

  for (MemscopeMapColumn column = 0; column < MEMSCOPE_N_MAP_COLUMNS; column++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr(GtkColumnViewColumn) view_column = NULL;
      g_autoptr(GtkSorter) sorter = NULL;

      g_signal_connect (factory, "setup", G_CALLBACK (setup_block_cell), GUINT_TO_POINTER (column));
      g_signal_connect (factory, "bind", G_CALLBACK (bind_block_cell), GUINT_TO_POINTER (column));
      view_column = gtk_column_view_column_new (_(block_columns[column].title), factory);
      g_object_set_data (G_OBJECT (view_column), "table", self);
      g_object_set_data (G_OBJECT (view_column), "column", GINT_TO_POINTER (column));
      sorter = GTK_SORTER (gtk_custom_sorter_new (compare_nothing, view_column, NULL));
      gtk_column_view_column_set_sorter (view_column, sorter);
      gtk_column_view_column_set_expand (view_column, block_columns[column].expand);
      gtk_column_view_column_set_resizable (view_column, TRUE);
      gtk_column_view_append_column (self->block_view, view_column);
    }
}

/* ---- the widget --------------------------------------------------------------------------- */

static void
memscope_map_table_show_map (MemscopeMapTable *self)
{
  g_signal_emit (self, signals[SHOW_MAP], 0);
}

static void
memscope_map_table_activate (MemscopeMapTable *self,
                             guint             position)
{
  g_autoptr(MemscopeMapBlockItem) item = g_list_model_get_item (G_LIST_MODEL (self->blocks), position);

  if (item == NULL)
    return;

  self->row = item->order->data->map->row[item->index];
  g_signal_emit (self, signals[INSPECT], 0, self->row);
}

static void
memscope_map_table_show_counts (MemscopeMapTable *self)
{
  const MemscopeAddressMap *map = self->data->map;
  guint64 span = memscope_session_get_duration (self->data->session) + 1;
  g_autofree char *count = memscope_text_count (map->n_selected);
  g_autofree char *bytes = memscope_text_size (map->live_bytes);
  g_autofree char *instant = memscope_text_time (map->instant, span);
  g_autofree char *text = NULL;

  text = g_strdup_printf (ngettext ("%s block with %s alive at %s", "%s blocks with %s alive at %s", map->n_selected),
                          count, bytes, instant);
  gtk_label_set_text (self->count_label, text);

  if (map->sampled)
    gtk_label_set_text (self->note_label, _("Sampled blocks only; what lies between them is not known"));
  else if (map->mappings_time == MEMSCOPE_UNKNOWN)
    gtk_label_set_text (self->note_label, _("The address space was not recorded; regions are inferred from the addresses of the blocks"));
  gtk_widget_set_visible (GTK_WIDGET (self->note_label), map->sampled || map->mappings_time == MEMSCOPE_UNKNOWN);
}

static void
memscope_map_table_dispose (GObject *object)
{
  MemscopeMapTable *self = MEMSCOPE_MAP_TABLE (object);

  memscope_query_cancel (&self->query);
  g_clear_handle_id (&self->scroll_source, g_source_remove);
  g_clear_object (&self->blocks);
  g_clear_object (&self->regions);
  g_clear_pointer (&self->data, memscope_map_data_unref);

  G_OBJECT_CLASS (memscope_map_table_parent_class)->dispose (object);
}

static void
memscope_map_table_class_init (MemscopeMapTableClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = memscope_map_table_dispose;

  signals[INSPECT] = g_signal_new ("inspect", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
  signals[SHOW_MAP] = g_signal_new ("show-map", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/memscope/MemScope/memscope-map-table.ui");
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapTable, count_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapTable, note_label);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapTable, map_button);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapTable, stack);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapTable, paned);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapTable, region_view);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapTable, block_view);
  gtk_widget_class_bind_template_child (widget_class, MemscopeMapTable, block_scroller);
  gtk_widget_class_bind_template_callback (widget_class, memscope_map_table_show_map);
}

static void
memscope_map_table_init (MemscopeMapTable *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->row = MEMSCOPE_UNKNOWN;
  self->region_start = MEMSCOPE_UNKNOWN;
  self->blocks = memscope_map_block_model_new ();
  self->regions = memscope_map_region_model_new ();

  self->block_selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->blocks)));
  gtk_single_selection_set_autoselect (self->block_selection, FALSE);
  gtk_single_selection_set_can_unselect (self->block_selection, TRUE);
  gtk_column_view_set_model (self->block_view, GTK_SELECTION_MODEL (self->block_selection));
  g_object_unref (self->block_selection);

  self->region_selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->regions)));
  gtk_column_view_set_model (self->region_view, GTK_SELECTION_MODEL (self->region_selection));
  g_object_unref (self->region_selection);

  memscope_map_table_add_columns (self);
  memscope_map_table_sort (self, MEMSCOPE_MAP_COLUMN_ADDRESS, FALSE);
  g_signal_connect_object (gtk_column_view_get_sorter (self->block_view), "changed",
                           G_CALLBACK (memscope_map_table_sorter_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->block_view, "activate", G_CALLBACK (memscope_map_table_activate), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->region_selection, "notify::selected", G_CALLBACK (memscope_map_table_region_chosen), self, G_CONNECT_SWAPPED);
}

void
memscope_map_table_set_data (MemscopeMapTable *self,
                             MemscopeMapData  *data)
{
  g_return_if_fail (MEMSCOPE_IS_MAP_TABLE (self));

  if (data == self->data)
    return;

  memscope_query_cancel (&self->query);
  if (data != NULL)
    memscope_map_data_ref (data);
  g_clear_pointer (&self->data, memscope_map_data_unref);
  self->data = data;

  if (data == NULL)
    {
      memscope_map_block_model_set_order (self->blocks, NULL);
      memscope_map_region_model_set_data (self->regions, NULL);
      return;
    }

  gtk_stack_set_visible_child_name (self->stack, data->map->n_selected > 0 ? "tables" : "empty");
  memscope_map_table_show_counts (self);
  memscope_map_table_fill_regions (self);
  memscope_map_table_update_order (self);
}

void
memscope_map_table_set_row (MemscopeMapTable *self,
                            guint64           row)
{
  g_return_if_fail (MEMSCOPE_IS_MAP_TABLE (self));

  if (self->row == row)
    return;

  self->row = row;
  self->row_pending = row != MEMSCOPE_UNKNOWN;
  if (self->query == NULL)
    memscope_map_table_mark_row (self);
}

void
memscope_map_table_set_has_map (MemscopeMapTable *self,
                                gboolean          has_map)
{
  g_return_if_fail (MEMSCOPE_IS_MAP_TABLE (self));

  gtk_widget_set_visible (self->map_button, has_map);
}

void
memscope_map_table_set_narrow (MemscopeMapTable *self,
                               gboolean          narrow)
{
  GtkOrientation orientation = narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL;

  g_return_if_fail (MEMSCOPE_IS_MAP_TABLE (self));

  if (gtk_orientable_get_orientation (GTK_ORIENTABLE (self->paned)) == orientation)
    return;

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->paned), orientation);
  gtk_paned_set_position (self->paned, narrow ? 170 : 420);
}

MemscopeMapOrder *
memscope_map_table_get_order (MemscopeMapTable *self)
{
  g_return_val_if_fail (MEMSCOPE_IS_MAP_TABLE (self), NULL);

  return self->query == NULL ? memscope_map_block_model_get_order (self->blocks) : NULL;
}

void
memscope_map_table_sort (MemscopeMapTable  *self,
                         MemscopeMapColumn  column,
                         gboolean           descending)
{
  g_autoptr(GtkColumnViewColumn) view_column = NULL;

  g_return_if_fail (MEMSCOPE_IS_MAP_TABLE (self));
  g_return_if_fail (column < MEMSCOPE_N_MAP_COLUMNS);

  view_column = g_list_model_get_item (gtk_column_view_get_columns (self->block_view), column);
  gtk_column_view_sort_by_column (self->block_view, view_column, descending ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
}

void
memscope_map_table_show_region (MemscopeMapTable *self,
                                guint             region)
{
  g_return_if_fail (MEMSCOPE_IS_MAP_TABLE (self));

  gtk_single_selection_set_selected (self->region_selection, region == MEMSCOPE_MAP_ALL_REGIONS ? 0 : region + 1);
}
